import Postgres

/// A part of a table that one worker reads with one COPY.
struct WorkUnit: Hashable, Sendable {
    let table: SourceTable
    let tableIndex: Int
    let pages: PageRange
    let bytes: Int

    /// What a part of a table has at least, if it is one of several.
    static let targetBytes = 64 << 20

    /// The parts of all tables, the largest first, so that no worker is left with one at the end.
    ///
    /// Bounds are multiples of a fixed number of pages: a table that has grown has its old parts where they were.
    static func plan(_ tables: [SourceTable], server: ServerVersion) -> [WorkUnit] {
        tables.enumerated().flatMap { index, table in parts(of: table, index: index, server: server) }
            .sorted { $0.bytes > $1.bytes }
    }

    private static func parts(of table: SourceTable, index: Int, server: ServerVersion) -> [WorkUnit] {
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
