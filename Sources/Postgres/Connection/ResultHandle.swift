import CLibpq

/// Owns one `PGresult`: cannot be copied, so it is cleared exactly once, on every path out of a scope.
struct ResultHandle: ~Copyable {
    let pointer: OpaquePointer

    init(_ pointer: OpaquePointer) {
        self.pointer = pointer
    }

    deinit {
        PQclear(pointer)
    }

    var status: ExecStatusType { PQresultStatus(pointer) }

    var report: ServerReport { ServerReport(result: pointer) }

    /// The rows, copied out of libpq's memory.
    func rows(notices: [ServerReport]) -> PostgresRows {
        let columnCount = PQnfields(pointer)
        let columns = (0..<columnCount).map { column in
            PostgresColumn(
                name: PQfname(pointer, column).map { String(cString: $0) } ?? "",
                typeOID: PQftype(pointer, column),
                typeModifier: Int(PQfmod(pointer, column))
            )
        }
        let rowCount = PQntuples(pointer)
        var bytes: [UInt8] = []
        var ends: [Int] = []
        ends.reserveCapacity(Int(rowCount) * columns.count)
        for row in 0..<rowCount {
            for column in 0..<columnCount {
                let length = PQgetlength(pointer, row, column)
                let isNull = length == 0 && PQgetisnull(pointer, row, column) == 1
                if length > 0, let value = PQgetvalue(pointer, row, column) {
                    bytes.append(contentsOf: UnsafeRawBufferPointer(start: value, count: Int(length)))
                }
                ends.append(isNull ? ~bytes.count : bytes.count)
            }
        }
        return PostgresRows(
            columns: columns,
            tag: CommandTag(PQcmdStatus(pointer).map { String(cString: $0) } ?? ""),
            notices: notices,
            count: Int(rowCount),
            bytes: bytes,
            ends: ends
        )
    }
}
