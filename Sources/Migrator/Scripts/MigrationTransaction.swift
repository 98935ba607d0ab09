import Postgres
import SQLSyntax
import SourceText

/// A script in one transaction with what it does to the history, sent in one round trip.
///
/// Everything goes to the server as one text: the server parses all of it before it runs any, and stops at the first
/// statement that fails (PostgreSQL manual, "Multiple Statements in a Simple Query"). Only checks that have to be looked
/// at before the commit make it three.
struct MigrationTransaction {
    /// What a statement around the script is there for.
    enum Purpose: Hashable {
        case begin
        case setting
        case role
        /// A row in the history that keeps a second runner out.
        case fence
        case assertion(Directives.Located<String>)
        /// Whether something is there that the script guards; if so, it is to go another way.
        case probe
        case reset
        /// An event of the history.
        case record
        /// The row's end; it fails if the row is not there any more.
        case completion
        case commit
    }

    /// A statement around the script.
    struct Part {
        let purpose: Purpose
        let sql: String
    }

    /// What tells in `pg_stat_activity` whose transaction it is.
    let marker: RunMarker
    let settings: TransactionSettings
    let fence: [String]
    let assertions: [Directives.Located<String>]
    let script: TransactionText
    /// Scripts of the same transaction: one before, one behind, and checks none of which may fail or give a false.
    var around = Surroundings()
    let completion: [String]
    /// Whether it begins a transaction or goes on in an open one.
    var begins = true
    /// Whether what the script sets for its session stays, for the next step of its file.
    var keepsSession = false
    /// Whether statements that were made ready before it stay for what comes behind.
    var keepsStatements = false
    /// What takes the time of its locks; nil if they do not matter.
    var clock: LockClock?
    /// What judges the statements that do nothing; nil if there is nothing to judge.
    var skips: SkipCheck?
    /// A statement that fails if the script cannot run at once; nil if it can.
    var probe: String?
    /// How it ends.
    var end = End.durable

    /// The scripts that run in a migration's transaction beside its own.
    struct Surroundings {
        var before: MigrationScript?
        var after: MigrationScript?
        var verification: MigrationScript?
        /// What judges the statements of the first that do nothing.
        var skipsBefore: SkipCheck?
        /// What judges those of the last.
        var skipsAfter: SkipCheck?

        var skips: [SkipCheck] { [skipsBefore, skipsAfter].compactMap(\.self) }

        var isEmpty: Bool { before == nil && after == nil && verification == nil }
    }

    /// How a migration's transaction ends.
    enum End: Hashable {
        /// Committed, and on disk.
        case durable
        /// Committed; on disk with the next commit that waits for it.
        case relaxed
        /// Left open for the next migration of the same transaction.
        case open
    }

    /// Runs the transaction; when it throws, nothing of it stays.
    ///
    /// - Returns: the server's notices, in order.
    /// - Throws: ``TransactionFailure`` for what the server refused; ``PostgresError``; `CancellationError`.
    @discardableResult
    func run(on connection: PostgresConnection) async throws -> [ServerReport] {
        do {
            skips?.begin()
            for skips in around.skips { skips.begin() }
            guard !around.isEmpty else {
                return try await sendScript(opening, on: connection) { reset + ending }
            }
            var notices = try await send(opening, nil, [], on: connection)
            if let before = around.before {
                notices += try await run(.before, before, around.skipsBefore, on: connection).notices
            }
            notices += try await sendScript([], on: connection) { reset + settings.scope }
            if let verification = around.verification {
                let results = try await run(.verification, verification, on: connection)
                if let index = results.rows.firstIndex(where: \.containsFalse) {
                    throw VerificationFailure(statement: results.firstStatement + index)
                }
                notices += results.notices
            }
            if let after = around.after {
                notices += try await run(.after, after, around.skipsAfter, on: connection).notices
            }
            return notices + (try await send([], nil, reset + ending, on: connection))
        } catch {
            await connection.rollBack()
            throw error
        }
    }

    private var opening: [Part] {
        (begins ? [Part(purpose: .begin, sql: "BEGIN")] : []) + settings.limits + settings.scope
            + (probe.map { [Part(purpose: .probe, sql: $0)] } ?? [])
            + settings.whileFencing(fence.map { Part(purpose: .fence, sql: $0) })
            + settings.statementLimit + assertions.map { Part(purpose: .assertion($0), sql: $0.check) }
    }

    private var reset: [Part] {
        if keepsSession { return [] }
        return Self.resets.filter { !keepsStatements || $0 != Self.deallocation }
            .map { Part(purpose: .reset, sql: $0) }
    }

    private var ending: [Part] {
        var parts = settings.scope
        for recording in ([skips].compactMap(\.self) + around.skips).compactMap(\.recording) {
            parts.append(Part(purpose: .record, sql: recording))
        }
        parts += completion.map { Part(purpose: .completion, sql: $0) }
        if end == .relaxed { parts.append(Part(purpose: .setting, sql: "SET LOCAL synchronous_commit = off")) }
        if end != .open { parts.append(Part(purpose: .commit, sql: "COMMIT")) }
        return parts
    }

    /// Takes back what a script may have set for its session, so that the next one starts as if it were the first.
    private static let resets = [
        "RESET SESSION AUTHORIZATION", "RESET ALL", "CLOSE ALL", "UNLISTEN *", deallocation, "DISCARD TEMP",
        "DISCARD SEQUENCES",
    ]
    private static let deallocation = "DEALLOCATE ALL"

    /// Sends the script with what is around it, in parts where something has to be done between two statements.
    private func sendScript(
        _ before: [Part],
        on connection: PostgresConnection,
        after: () -> [Part]
    ) async throws -> [ServerReport] {
        var before = before
        var rest = script.statements
        var notices: [ServerReport] = []
        for stop in stops {
            if case .look(let checkpoint) = stop.action, skips?.isNeeded(checkpoint) != true { continue }
            // The clock alone can start together with what comes before the first statement.
            if stop.statement > rest.lowerBound || stop.isLook {
                let part = script.part(rest.lowerBound..<stop.statement)
                if !before.isEmpty || !part.statements.isEmpty {
                    notices += try await send(before, part, [], on: connection)
                }
                before = []
                rest = stop.statement..<rest.upperBound
            }
            switch stop.action {
            case .look(let checkpoint): try await skips?.look(at: checkpoint, on: connection)
            case .clock: clock?.begin()
            }
        }
        guard let skips, skips.hasSuspects else {
            return notices + (try await send(before, script.part(rest), after(), on: connection))
        }
        notices += try await send(before, script.part(rest), [], on: connection)
        try await skips.settle(on: connection)
        return notices + (try await send([], nil, after(), on: connection))
    }

    /// Something to do before a statement.
    private struct Stop {
        enum Action {
            case look(GuardScan.Checkpoint)
            case clock
        }

        let statement: Int
        let action: Action

        var isLook: Bool {
            if case .look = action { true } else { false }
        }
    }

    private var stops: [Stop] {
        var stops = (skips?.checkpoints ?? []).map { Stop(statement: $0.statement, action: .look($0)) }
        if let clock {
            let statement = clock.start(in: script.statements) ?? script.statements.lowerBound
            let place = stops.firstIndex { $0.statement > statement } ?? stops.endIndex
            stops.insert(Stop(statement: statement, action: .clock), at: place)
        }
        return stops
    }

    /// Sends statements around a script.
    private func send(
        _ before: [Part],
        _ script: TransactionText?,
        _ after: [Part],
        on connection: PostgresConnection
    ) async throws -> [ServerReport] {
        let text = ComposedText(before, script ?? .empty, after, marker: marker)
        do {
            return try await connection.migrationScript(text.sql, copyData: text.copyData).flatMap(\.notices)
        } catch let error as PostgresError where error.code == .server {
            throw text.failure(for: error)
        }
    }

    /// The whole of it as one text, where nothing runs beside the script.
    var composed: ComposedText { ComposedText(opening, script, reset + ending, marker: marker) }

    /// A script with the statements around it, as it goes to the server.
    struct ComposedText {
        let sql: String
        let copyData: [ArraySlice<UInt8>]
        private let before: [Part]
        private let script: TransactionText
        private let after: [Part]
        private let marker: RunMarker
        private let headLines: Int

        init(_ before: [Part], _ script: TransactionText, _ after: [Part], marker: RunMarker) {
            let head = Self.head(before, marker)
            sql = script.text(after: head, before: "\n; " + after.map(\.sql).joined(separator: "; "))
            copyData = script.copyData
            headLines = head.utf8.count { $0 == UInt8(ascii: "\n") }
            self.before = before
            self.script = script
            self.after = after
            self.marker = marker
        }

        private static func head(_ parts: some Sequence<Part>, _ marker: RunMarker) -> String {
            "\(marker) \(parts.map { $0.sql + ";" }.joined(separator: " "))\n"
        }

        /// What the server refused, by its place.
        func failure(for error: PostgresError) -> TransactionFailure {
            let position = error.position.map { SourcePosition(line: $0.line - headLines, column: $0.column) }
            if error.completedStatements == 0, let failure = unread(error, at: position) { return failure }
            let place = place(ofStatement: error.completedStatements)
            return TransactionFailure(error: error, place: place, position: position)
        }

        /// The failure of a text of which nothing ran: the server reads it whole before it runs any of it, so the place alone
        /// says which statement it stopped at.
        ///
        /// - Returns: nil where it is the first statement's in any case.
        private func unread(_ error: PostgresError, at position: SourcePosition?) -> TransactionFailure? {
            guard let position, let whole = error.position else {
                guard !before.isEmpty, !script.statements.isEmpty else { return nil }
                let place = TransactionFailure.Place.text(from: script.statements.lowerBound)
                return TransactionFailure(error: error, place: place, position: nil)
            }
            guard position.line > 0 else {
                let offset = LineIndex(sql).byteOffset(of: whole)
                let part = before.indices.first { Self.head(before[...$0], marker).utf8.count > offset }
                guard let part else { return nil }
                return TransactionFailure(error: error, place: .around(before[part].purpose), position: position)
            }
            guard let (statement, place) = script.statement(at: position) else { return nil }
            return TransactionFailure(error: error, place: .script(statement: statement), position: place)
        }

        private func place(ofStatement index: Int) -> TransactionFailure.Place {
            if before.indices.contains(index) { return .around(before[index].purpose) }
            let inScript = index - before.count
            let statements = script.statements
            if inScript < statements.count { return .script(statement: statements.lowerBound + inScript) }
            let behind = inScript - statements.count
            return .around(after.indices.contains(behind) ? after[behind].purpose : .commit)
        }
    }

    private struct Results {
        let firstStatement: Int
        fileprivate(set) var rows: [PostgresRows]
        var notices: [ServerReport] { rows.flatMap(\.notices) }
    }

    /// Runs a script beside the migration's own.
    private func run(
        _ role: TransactionFailure.Beside,
        _ script: MigrationScript,
        _ skips: SkipCheck? = nil,
        on connection: PostgresConnection
    ) async throws -> Results {
        guard case .transaction(let text) = script.form else { return Results(firstStatement: 0, rows: []) }
        guard let skips else { return try await run(role, text, on: connection) }
        var rest = text.statements
        var results = Results(firstStatement: rest.lowerBound, rows: [])
        for checkpoint in skips.checkpoints where skips.isNeeded(checkpoint) {
            if checkpoint.statement > rest.lowerBound {
                let part = text.part(rest.lowerBound..<checkpoint.statement)
                results.rows += try await run(role, part, on: connection).rows
            }
            rest = checkpoint.statement..<rest.upperBound
            try await skips.look(at: checkpoint, on: connection)
        }
        results.rows += try await run(role, text.part(rest), on: connection).rows
        try await skips.settle(on: connection)
        return results
    }

    private func run(
        _ role: TransactionFailure.Beside,
        _ text: TransactionText,
        on connection: PostgresConnection
    ) async throws -> Results {
        do {
            let rows = try await connection.script(text.text(), copyData: text.copyData)
            return Results(firstStatement: text.statements.lowerBound, rows: rows)
        } catch let error as PostgresError where error.code == .server {
            throw TransactionFailure(
                error: error,
                place: .beside(role, statement: text.statements.lowerBound + error.completedStatements),
                position: error.position
            )
        }
    }
}

extension Directives.Located<String> {
    /// A statement that fails, by a division by zero, unless the condition is true: a script has no other way to stop.
    var check: String { "SELECT 1 / CASE WHEN (\n\(value)\n) THEN 1 ELSE 0 END" }
}

extension PostgresConnection {
    /// Runs a text of which the server reads backslashes as the splitter does.
    ///
    /// The server parses a text whole before it runs any of it, so the setting has to be there before.
    /// A call into the connection is a change of threads, so this and the script are one.
    func migrationScript(_ sql: String, copyData: [ArraySlice<UInt8>] = []) async throws -> [PostgresRows] {
        if parameterStatus("standard_conforming_strings") == "off" {
            try await script("SET standard_conforming_strings = on")
        }
        return try await script(sql, copyData: copyData)
    }
}

extension PostgresRows {
    /// Whether a value of type boolean is false.
    fileprivate var containsFalse: Bool {
        columns.indices.contains { column in
            columns[column].typeOID == 16 && contains { $0[column].bytes?.first == UInt8(ascii: "f") }
        }
    }
}
