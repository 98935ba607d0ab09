import Foundation
import Postgres

/// A job as it is stored: a row of `jobs`, and one of `job_meta` where it has what stands there.
struct JobRow: Sendable {
    let id: String
    let type: String
    let data: String
    let insertion: JobInsertion
    let priority: Int
    let maxAttempts: Int

    init<Work: Job>(_ job: Work, _ insertion: JobInsertion) throws {
        self.init(type: Work.type, data: try Self.payload(of: job), settings: Work.settings, insertion)
    }

    /// A job of a type that is known by its name.
    init(type: String, data: String, settings: JobSettings, _ insertion: JobInsertion) {
        id = JobID.next()
        self.type = type
        self.data = data
        self.insertion = insertion
        // The columns have four bytes: `.max` is the most that there is.
        priority = Int(Int32(clamping: insertion.priority ?? settings.priority))
        maxAttempts = Int(Int32(clamping: insertion.maxAttempts ?? settings.maxAttempts))
    }

    /// The payload as it is stored.
    static func payload<Work: Job>(of job: Work) throws -> String {
        do {
            return StorableText.json(String(decoding: try encoder.encode(job), as: UTF8.self))
        } catch {
            throw AppRuntimeError.unwritablePayload(Work.type, "\(error)")
        }
    }

    var name: String { insertion.name ?? type }

    /// What inserts the job.
    var statements: [PostgresStatement] {
        get throws(PostgresError) {
            let job = try PostgresStatement(
                """
                INSERT INTO jobs (id, name, type, priority, data, max_attempts, scheduled_for)
                VALUES ($1, $2, $3, $4, $5, $6, $7)
                """,
                id,
                name,
                type,
                priority,
                data,
                maxAttempts,
                insertion.scheduledAt
            )
            return insertion.hasMeta ? [job, try meta] : [job]
        }
    }

    /// What inserts the job's row of `job_meta`.
    var meta: PostgresStatement {
        get throws(PostgresError) {
            try PostgresStatement(
                """
                INSERT INTO job_meta (job_id, concurrency_key, batch_id, tags, actor, trace_parent)
                VALUES ($1, $2, $3, $4, $5, $6)
                """,
                id,
                insertion.concurrencyKey,
                insertion.batch?.id,
                insertion.tags,
                insertion.actor,
                insertion.traceParent
            )
        }
    }

    /// Inserts many with COPY.
    static func copy(_ rows: [JobRow], on connection: PostgresConnection) async throws {
        var lines: [UInt8] = []
        for row in rows {
            lines.appendCopyFields(
                row.id,
                row.name,
                row.type,
                String(row.priority),
                row.data,
                String(row.maxAttempts),
                row.insertion.scheduledAt.map { $0.formatted(copiedTime) }
            )
        }
        try await connection.copyIn(
            "COPY jobs (id, name, type, priority, data, max_attempts, scheduled_for) FROM STDIN",
            from: lines
        )
        guard rows.first?.insertion.hasMeta == true else { return }
        lines = []
        for row in rows {
            let insertion = row.insertion
            lines.appendCopyFields(
                row.id,
                insertion.concurrencyKey,
                insertion.batch?.id,
                insertion.tags.arrayLiteral,
                insertion.actor,
                insertion.traceParent
            )
        }
        try await connection.copyIn(
            "COPY job_meta (job_id, concurrency_key, batch_id, tags, actor, trace_parent) FROM STDIN",
            from: lines
        )
    }
}

private let encoder = {
    let encoder = JSONEncoder()
    // One text for one value: it is what makes two jobs the same where they are unique.
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return encoder
}()

private let copiedTime = Date.ISO8601FormatStyle(includingFractionalSeconds: true)

extension [String] {
    /// The array as PostgreSQL reads it (PostgreSQL manual, "Array Input and Output Syntax").
    fileprivate var arrayLiteral: String {
        "{"
            + map { "\"" + $0.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"") + "\"" }
            .joined(separator: ",") + "}"
    }
}

extension [UInt8] {
    /// Adds a line of COPY's text format (PostgreSQL manual, COPY, "Text Format").
    fileprivate mutating func appendCopyFields(_ fields: String?...) {
        for (index, field) in fields.enumerated() {
            if index > 0 { append(UInt8(ascii: "\t")) }
            guard let field else {
                append(contentsOf: [UInt8(ascii: "\\"), UInt8(ascii: "N")])
                continue
            }
            for byte in field.utf8 {
                switch byte {
                case UInt8(ascii: "\\"): append(contentsOf: [byte, byte])
                case UInt8(ascii: "\n"): append(contentsOf: "\\n".utf8)
                case UInt8(ascii: "\r"): append(contentsOf: "\\r".utf8)
                case UInt8(ascii: "\t"): append(contentsOf: "\\t".utf8)
                case 0: break
                default: append(byte)
                }
            }
        }
        append(UInt8(ascii: "\n"))
    }
}
