/// Files that are read while those before them are run, so that the syntax of few is held at a time.
struct LintReading: Sendable {
    /// A file, and what takes it back.
    struct Pair: Sendable {
        let text: LintText
        let down: LintText?
    }

    private typealias Sources = [(source: LintSource, down: LintSource?)]

    let files: [Pair]
    let runner: LintOptions.Runner
    /// How many files are read in one go, and how many such parts are read ahead.
    private static let (size, ahead) = (16, 3)

    /// Reads the files, and hands them over in their order.
    ///
    /// - Parameter body: takes a file by its place, and what takes it back.
    /// - Throws: `SQLSyntaxError` if the parser itself failed, and what the reading of a file throws that was put off.
    func forEach(_ body: (Int, LintSource, LintSource?) -> Void) async throws {
        let starts = Array(stride(from: 0, to: files.count, by: Self.size))
        guard starts.count > 1 else {
            for (index, pair) in try read(from: 0).enumerated() { body(index, pair.source, pair.down) }
            return
        }
        try await withThrowingTaskGroup(of: (Int, Sources).self) { group in
            var read: [Int: Sources] = [:]
            var asked = 0
            var done: Sources = []
            for (part, start) in starts.enumerated() {
                while asked < min(starts.count, part + Self.ahead) {
                    let next = starts[asked]
                    // Freeing trees takes as long as running their statements: it is left to those who read.
                    group.addTask { [done] in
                        withExtendedLifetime(done) {}
                        return (next, try self.read(from: next))
                    }
                    done = []
                    asked += 1
                }
                while read[start] == nil {
                    guard let (place, sources) = try await group.next() else { return }
                    read[place] = sources
                }
                done = read.removeValue(forKey: start) ?? []
                for (offset, pair) in done.enumerated() { body(start + offset, pair.source, pair.down) }
            }
        }
    }

    private func read(from start: Int) throws -> Sources {
        try files[start..<min(start + Self.size, files.count)].map { pair in
            var source = try LintSource(pair.text, runner: runner)
            source.readBodies()
            return (source, try pair.down.map { try LintSource($0, runner: runner) })
        }
    }
}
