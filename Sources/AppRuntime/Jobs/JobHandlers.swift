import Foundation

/// The kinds of jobs that a process can work on, each with what to do.
public struct JobHandlers: Sendable {
    /// What is known of one kind.
    struct Entry: Sendable {
        let settings: JobSettings
        /// Reads the payload and works on it; gives the result as JSON.
        let work: @Sendable (String, JobContext) async throws -> String?
        /// The payload as the type writes it, of one that somebody else wrote.
        let normalise: @Sendable (String) throws -> String
    }

    private(set) var entries: [String: Entry] = [:]

    /// Makes a table without handlers.
    public init() {}

    /// The types that have a handler.
    public var types: [String] { entries.keys.sorted() }

    /// Says what to do with jobs of one kind.
    ///
    /// The handler runs at least once for each job, so what it does outside has to bear repetition; see
    /// ``JobContext/idempotencyKey``. Its task is cancelled when the job's time is up, somebody cancels the job or the
    /// worker stops.
    public mutating func register<Work: Job>(
        _ job: Work.Type,
        _ handler: @escaping @Sendable (Work, JobContext) async throws -> Void
    ) {
        add(Work.self) { job, context in
            try await handler(job, context)
            return nil
        }
    }

    /// Says what to do with jobs of one kind, and keeps what the handler returns as the job's result, at most 1 MiB.
    public mutating func register<Work: Job, Output: Encodable & Sendable>(
        _ job: Work.Type,
        returning output: Output.Type,
        _ handler: @escaping @Sendable (Work, JobContext) async throws -> Output
    ) {
        add(Work.self) { job, context in
            let result = try await handler(job, context)
            let text = StorableText.json(String(decoding: try JSONEncoder().encode(result), as: UTF8.self))
            guard text.utf8.count <= StorableText.longestResult else {
                throw AppRuntimeError.resultTooLarge(text.utf8.count)
            }
            return text
        }
    }

    private mutating func add<Work: Job>(
        _ job: Work.Type,
        _ work: @escaping @Sendable (Work, JobContext) async throws -> String?
    ) {
        entries[Work.type] = Entry(
            settings: Work.settings,
            work: { data, context in try await context.traced { try await work(try Self.read(data), context) } },
            normalise: { try JobRow.payload(of: try Self.read($0) as Work) }
        )
    }

    private static func read<Work: Job>(_ data: String) throws -> Work {
        do {
            return try decoder.decode(Work.self, from: Data(data.utf8))
        } catch {
            throw AppRuntimeError.unreadablePayload(Work.type, "\(error)")
        }
    }
}

private let decoder = JSONDecoder()
