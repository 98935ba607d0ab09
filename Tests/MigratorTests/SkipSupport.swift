import Postgres
import Testing

@testable import Migrator

/// What was there, and a migration that finds it there.
struct SkipCase: Sendable, CustomTestStringConvertible {
    let before: String
    let migration: String
    /// A part of each line that the error has to say; empty where nothing differs.
    var differs: [String] = []
    /// What the error proposes.
    var remedy: String?
    /// What was not compared.
    var notCompared: [String] = []

    init(
        _ before: String,
        _ migration: String,
        differs: [String] = [],
        remedy: String? = nil,
        notCompared: [String] = []
    ) {
        self.before = before
        self.migration = migration
        self.differs = differs
        self.remedy = remedy
        self.notCompared = notCompared
    }

    var testDescription: String { "\(before) -> \(migration)" }
}

extension Stage {
    /// Runs the migrations of the folder.
    ///
    /// - Returns: what was told of statements that were skipped.
    func skips(_ rule: SkipRule = .verify, isSingleTransaction: Bool = false) async throws -> [SkippedStatement] {
        var migrator = migrator()
        migrator.options.skipRule = rule
        migrator.options.isSingleTransaction = isSingleTransaction
        var skips: [SkippedStatement] = []
        for try await event in migrator.migrate() {
            if case .skipped(_, let statements) = event { skips += statements }
        }
        return skips
    }

    /// The detail of the events that tell of skipped statements.
    func skipEvents() async throws -> [String] {
        try await withPostgresConnection(to: settings) { connection in
            try await connection.query(
                "select detail::text from lastro_events where event = 'statements-skipped' order by position"
            ).decode(as: String.self)
        }
    }
}

/// Runs a case and checks what came of it.
func expect(_ skip: SkipCase) async throws {
    try await withStage(["0001_x.sql": skip.migration]) { stage in
        try await stage.run(skip.before)
        guard !skip.differs.isEmpty else {
            let skips = try await stage.skips()
            #expect(!skips.isEmpty)
            for statement in skips {
                #expect(statement.result != .differs, "\(statement.description)")
                #expect(statement.notCompared == skip.notCompared, "\(statement.description)")
            }
            return
        }
        let error = try await stage.failure(of: stage.migrator().migrate())
        #expect(error.code == .skippedStatement, "\(error)")
        for words in skip.differs { #expect(error.message.contains(words), "\(error)") }
        let lines = error.message.split(separator: "\n").dropFirst()
        #expect(lines.count == skip.differs.count, "\(error)")
        if let remedy = skip.remedy { #expect(error.next.contains(remedy), "\(error)") }
        #expect(error.state == "rolled back; no migration is applied")
        #expect(try await stage.states() == ["0001_x failed"])
    }
}
