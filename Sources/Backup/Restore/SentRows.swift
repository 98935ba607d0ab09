import Synchronization

/// What is known of the rows that a COPY sends: the sum of their lines, as the manifest has it, and that of the server's hashes.
final class SentRows: Sendable {
    let hash: RowHash
    private let state = Mutex((lines: LineSum(), rows: RowHash.Sum()))

    init(_ hash: RowHash) {
        self.hash = hash
    }

    /// Adds a chunk.
    ///
    /// - Parameters:
    ///   - text: its lines.
    ///   - rows: the rows that were made of them.
    /// - Throws: ``BackupError`` if they are no rows.
    func add(_ text: [UInt8], as rows: [UInt8]) throws {
        let sum = try hash.sum(of: rows)
        let lines = LineSum(ofLinesIn: text)
        state.withLock {
            $0.lines.add(lines)
            $0.rows.add(sum)
        }
    }

    /// The sums, when everything is sent.
    var sums: (lines: LineSum, rows: RowHash.Sum) { state.withLock { $0 } }
}
