import ArgumentParser
import Backup
import Synchronization

/// Shows how far a backup has come: one line that is drawn over on a terminal, else a line now and then.
final class BackupProgress: Sendable {
    private let writer: OutputWriter
    private let state: Mutex<State>

    private struct State {
        var line: LiveLine
        var progress: CreationProgress?
    }

    /// How long after the one before a line follows where there is no terminal.
    private static let pause = Duration.seconds(10)

    init(writer: OutputWriter) {
        self.writer = writer
        state = Mutex(State(line: LiveLine(isQuiet: writer.isQuiet)))
    }

    /// Takes what is to be shown.
    func follow(_ progress: CreationProgress) {
        state.withLock { $0.progress = progress }
    }

    /// Says something in a line of its own.
    func note(_ text: String) {
        state.withLock { $0.line.clear() }
        writer.note(text)
    }

    /// Shows progress while work is done.
    ///
    /// - Parameter work: the work.
    /// - Returns: what the work returns.
    /// - Throws: what the work throws.
    func shown<Result: Sendable>(during work: @escaping @Sendable () async throws -> Result) async throws -> Result {
        defer { state.withLock { $0.line.clear() } }
        return try await withThrowingTaskGroup(of: Result?.self) { group in
            group.addTask { try await work() }
            group.addTask {
                try await self.showUntilCancelled()
                return nil
            }
            defer { group.cancelAll() }
            while let result = try await group.next() {
                if let result { return result }
            }
            throw CancellationError()
        }
    }

    private func showUntilCancelled() async throws {
        let isLive = state.withLock(\.line.isShown)
        while true {
            try await Task.sleep(for: isLive ? .milliseconds(250) : Self.pause)
            let text = state.withLock { state in
                let text = state.progress.map { Self.words($0.report) }
                if let text, isLive { state.line.draw(text) }
                return text
            }
            if let text, !isLive { writer.note(text) }
        }
    }

    private static func words(_ report: CreationProgress.Report) -> String {
        var parts = [
            "\(Int(report.share * 100)) %", report.bytes.byteWords, Words.count(report.rows, "row"),
            "\(Int(report.rate).byteWords)/s",
        ]
        if let remaining = report.remaining { parts.append("\(remaining.components.seconds) s left") }
        if let age = report.horizonAge, age > 0 {
            parts.append("VACUUM held back by \(Words.count(age, "transaction"))")
        }
        parts += report.workers.map { "\($0.number): \($0.table) \($0.bytes.byteWords)" }
        return parts.joined(separator: ", ")
    }
}

/// A number of bytes a second, on the command line.
struct ByteRate: ExpressibleByArgument {
    let bytes: Int

    init?(argument: String) {
        let digits = argument.prefix { $0.isASCII && $0.isNumber }
        guard let number = Int(digits), number > 0 else { return nil }
        let factor: Int
        switch argument.dropFirst(digits.count) {
        case "", "B": factor = 1
        case "kB", "k": factor = 1000
        case "MB", "M": factor = 1_000_000
        case "GB", "G": factor = 1_000_000_000
        default: return nil
        }
        let (product, isTooLarge) = number.multipliedReportingOverflow(by: factor)
        guard !isTooLarge else { return nil }
        bytes = product
    }
}
