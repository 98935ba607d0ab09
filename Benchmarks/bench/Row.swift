/// Something to measure, by the name that chooses it on the command line.
struct Row {
    let name: String
    /// Whether it takes minutes, and is made by its name alone.
    let isLong: Bool
    /// Gives one line of the table, or one for each of those that took part.
    let measure: () async throws -> [Measurement]

    init(_ name: String, isLong: Bool = false, measure: @escaping () async throws -> [Measurement]) {
        self.name = name
        self.isLong = isLong
        self.measure = measure
    }

    /// A row of one line, called as it is.
    init(
        _ name: String,
        unit: String = "ms",
        bound: Double? = nil,
        isLong: Bool = false,
        note: String,
        figures: @escaping () async throws -> Figures
    ) {
        self.init(name, isLong: isLong) {
            [Measurement(name, try await figures(), unit: unit, bound: bound, note: note)]
        }
    }
}

/// Rows about one thing; its name chooses all of them that are not long.
struct RowGroup {
    let name: String
    let rows: [Row]
}

extension [RowGroup] {
    /// The rows that names of rows and groups choose, in the order in which they stand; without names, all but the long.
    ///
    /// - Throws: ``BenchFailure`` for a name that nothing has.
    func rows(named names: [String]) throws -> [Row] {
        let known = flatMap { [$0.name] + $0.rows.map(\.name) }
        if let unknown = names.first(where: { !known.contains($0) }) {
            throw BenchFailure("nothing is called \(unknown); there are \(known.joined(separator: ", "))")
        }
        return flatMap { group in
            group.rows.filter { row in
                names.contains(row.name) || !row.isLong && (names.isEmpty || names.contains(group.name))
            }
        }
    }
}
