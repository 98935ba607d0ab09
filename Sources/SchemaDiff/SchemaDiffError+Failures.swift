import Catalog
import Postgres
import SQLSyntax
import SourceText

extension SchemaDiffError {
    /// A change that would lose something, or that no statement of the server's does.
    ///
    /// - Parameters:
    ///   - change: the change.
    ///   - reason: why it is refused, without a full stop.
    ///   - byHand: what to write instead.
    /// - Returns: the error.
    static func refused(_ change: ObjectChange, reason: String, byHand: String) -> Self {
        Self(.refusedChange, "\(change.identity) cannot be changed by a plan: \(reason)", next: byHand)
    }

    static func cycle(_ nodes: [PlanNode]) -> Self {
        let words = nodes.map(\.description).joined(separator: ", ")
        return Self(
            .dependencyCycle,
            "these steps each have to come before another one of them: \(words)",
            next: "break the circle by hand in a migration of its own, then compare again"
        )
    }

    static func unknownSource(_ text: String) -> Self {
        Self(
            .unknownSource,
            "\(text) is no schema: neither a file nor a folder of that name is there",
            next: "give a database URL, a folder of migrations, a file or folder of SQL, a catalog file, "
                + "git:REVISION:PATH or empty"
        )
    }

    static func unreadableSource(_ path: String, why: String) -> Self {
        Self(.unreadableSource, "\(path) cannot be read: \(why)", next: "see to it that it is there and can be read")
    }

    static func halfChangedFolder(_ path: String) -> Self {
        Self(
            .unreadableSource,
            "\(path) is half of one schema and half of another: what wrote it was cut off",
            state: "nothing was run; what is left to do is in \(path)/\(SchemaFolder.changeNoteName)",
            next:
                "let `lastro diff --pull` or `lastro inspect --sql-dir` finish it, or take the folder from version control"
        )
    }

    static func notBuilt(_ script: SQLScript, _ statement: SQLStatement, _ error: PostgresError) -> Self {
        var offset = statement.range.lowerBound
        if let position = error.position {
            let lines = LineIndex(statement.text)
            offset += lines.byteOffset(of: position)
        }
        let place = SourceLocation(file: script.file ?? "", position: script.position(ofByte: offset))
        let state = error.sqlState.map { " (SQLSTATE \($0.rawValue))" } ?? ""
        let isRight = error.sqlState == .insufficientPrivilege
        return Self(
            .notBuilt,
            "\(place): \(error.message)\(state)",
            state: "the schema was built on a scratch server, which is gone; no database was changed",
            next: isRight
                ? "the scratch server lets a schema do what needs no superuser; give one of your own with --scratch"
                : "correct the statement, or give a server with what it needs with --scratch"
        )
    }

    static func revisionUnreadable(_ revision: String, path: String, why: String) -> Self {
        Self(
            .unreadableSource,
            "git has no \(path) in \(revision): \(why)",
            next: "look with `git ls-tree \(revision) \(path)` what is there"
        )
    }

    static func statementFailed(_ statement: PlanStatement, _ error: PostgresError, done: Int, of count: Int) -> Self {
        let words = statement.sql.oneLine
        let state = error.sqlState.map { " (SQLSTATE \($0.rawValue))" } ?? ""
        return Self(
            .statementFailed,
            "\(words.count > 120 ? words.prefix(119) + "…" : words): \(error.message)\(state)",
            state: done == 0
                ? "rolled back; the database is as it was"
                : "its part was rolled back; \(done) of \(count) parts before it are done and stay",
            next: "see to what the server says, then compare again: the new plan goes on from there"
        )
    }

    static func hazardsNotAllowed(_ hazards: [String]) -> Self {
        Self(
            .hazardNotAllowed,
            "the plan has hazards that are not allowed: \(hazards.joined(separator: ", "))",
            next: "allow them with --allow-hazards \(hazards.joined(separator: ","))"
        )
    }

    static func targetMoved(planned: String, present: String) -> Self {
        Self(
            .targetMoved,
            "the schema is not the one that the plan was made for: its fingerprint is \(present), the plan's \(planned)",
            next: "compare again, and make a new plan"
        )
    }

    static func notAsPlanned() -> Self {
        Self(
            .notAsPlanned,
            "the plan ran, and the schema is not what it was to become",
            state: "the plan's statements are committed",
            next: "compare again: the new plan holds what is left"
        )
    }

    /// A plan that did not do on a copy what it should.
    public static let notProved = Self(
        .notProved,
        "the plan does not do what it should: see above",
        next: "report it with both schemas; until then write the change by hand"
    )
}
