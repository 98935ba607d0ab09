import Postgres

/// What one worker reads with one COPY.
struct WorkUnit: Hashable, Sendable {
    /// What is read.
    enum Source: Hashable, Sendable {
        /// A part of a table, which is one of the snapshot's.
        case table(SourceTable, index: Int, pages: PageRange)
        case largeObjects(LargeObjectRange)
    }

    let source: Source
    let bytes: Int

    init(table: SourceTable, tableIndex: Int, pages: PageRange, bytes: Int) {
        source = .table(table, index: tableIndex, pages: pages)
        self.bytes = bytes
    }

    init(_ objects: LargeObjectRange) {
        source = .largeObjects(objects)
        bytes = objects.bytes
    }

    /// The number of the table; nil for large objects.
    var tableIndex: Int? { if case .table(_, let index, _) = source { index } else { nil } }

    /// The table; nil for large objects.
    var table: SourceTable? { if case .table(let table, _, _) = source { table } else { nil } }

    var pages: PageRange { if case .table(_, _, let pages) = source { pages } else { .whole } }

    /// Whether rows come in COPY's binary form.
    var isBinary: Bool { if case .table(let table, _, _) = source { table.isBinary } else { false } }

    /// What people call it.
    var name: String { if case .table(let table, _, _) = source { table.quotedName } else { "large objects" } }

    func copy(encoding: String) -> String {
        switch source {
        case .table(let table, _, let pages): table.copy(pages, encoding: encoding)
        case .largeObjects(let range): range.copy
        }
    }

    /// What a part of a table has at least, if it is one of several.
    static let targetBytes = 64 << 20

    /// The parts of all tables, the largest first, so that no worker is left with one at the end.
    ///
    /// Bounds are multiples of a fixed number of pages: a table that has grown has its old parts where they were.
    static func plan(_ tables: [SourceTable], server: ServerVersion) -> [WorkUnit] {
        tables.enumerated().flatMap { index, table in parts(of: table, index: index, server: server) }
            .sorted { $0.bytes > $1.bytes }
    }

    /// The parts of one table.
    static func parts(of table: SourceTable, index: Int, server: ServerVersion) -> [WorkUnit] {
        guard table.holdsData else { return [] }
        // Older servers read the whole table for each range.
        let canSplit = table.isHeap && server.major >= 14 && table.pages > 0
        var pagesPerUnit = 8192
        // What is stored out of line counts too.
        while pagesPerUnit > 16, table.totalBytes / max(table.pages, 1) * pagesPerUnit >= 2 * targetBytes {
            pagesPerUnit /= 2
        }
        guard canSplit, table.pages > pagesPerUnit else {
            return [WorkUnit(table: table, tableIndex: index, pages: .whole, bytes: table.totalBytes)]
        }
        let starts = Array(stride(from: 0, to: table.pages, by: pagesPerUnit))
        return starts.map { start in
            let isLast = start + pagesPerUnit >= table.pages
            return WorkUnit(
                table: table,
                tableIndex: index,
                pages: PageRange(first: start == 0 ? nil : start, end: isLast ? nil : start + pagesPerUnit),
                bytes: table.totalBytes / starts.count
            )
        }
    }
}
