import Postgres
import SQLSyntax
import SourceText

/// What the server's words about a prepared statement mean for the query in its file.
struct Judgement {
    let text: PreparedText
    let query: Query
    let trail: MigrationTrail

    /// What a refusal to prepare it says of the query.
    func finding(for refusal: PostgresError) -> QueryFinding {
        let sent = refusal.position.map { LineIndex(text.sql).byteOffset(of: $0) }
        let place = query.place(text.origin(ofSent: sent ?? 0))
        func finding(_ kind: QueryFinding.Kind, _ message: String? = nil, next: String) -> QueryFinding {
            QueryFinding(kind, at: place, message ?? refusal.message, sqlState: refusal.sqlState, next: next)
        }
        switch refusal.sqlState {
        case "42P18", "42P08":
            return finding(.notCheckable, next: "say the type of the parameter: `-- param: name type`")
        // Of several functions the server takes the one for the types that the application sends.
        case "42725" where !text.isTyped:
            return finding(.notCheckable, next: "say the type of the parameter: `-- param: name type`")
        case .lockNotAvailable, .queryCanceled, "40P01":
            return finding(.notCheckable, next: "check again when nobody holds the table")
        case .syntaxError where sent.map(takesOnlyLiteral) ?? false:
            return finding(
                .notCheckable,
                "no parameter can stand here, only a literal: \(refusal.message)",
                next: "write a literal, or a cast of the parameter; if the application puts text in here, test it there"
            )
        case .insufficientPrivilege:
            return privilege(refusal, at: place)
        case .undefinedTable, .undefinedColumn, .undefinedObject, "42883", "3F000":
            return unknownName(refusal, sent: sent, at: place)
        default:
            return finding(.refused, next: hint(of: refusal) ?? "change the query, or the schema with a new migration")
        }
    }

    /// What a refusal to plan it says of the query.
    func findingOfPlan(_ refusal: PostgresError) -> QueryFinding {
        let start = query.place(text.origin(ofBody: 0))
        guard refusal.sqlState != .insufficientPrivilege else { return privilege(refusal, at: start) }
        return QueryFinding(
            .notCheckable,
            at: start,
            "its privileges: the server makes no plan without values: \(refusal.message)",
            sqlState: refusal.sqlState,
            next: "nothing, if the query runs in the application's tests"
        )
    }

    private func privilege(_ refusal: PostgresError, at place: SourceLocation) -> QueryFinding {
        let role = query.directives.role.map { "\($0.text): " } ?? ""
        return QueryFinding(
            .privilege,
            at: place,
            role + refusal.message,
            sqlState: refusal.sqlState,
            next: "GRANT the role what the query needs in a migration, or name the right role: `-- role:`"
        )
    }

    private func unknownName(_ refusal: PostgresError, sent: Int?, at place: SourceLocation) -> QueryFinding {
        let name = sent.flatMap(text.bodyOffset(ofSent:)).flatMap { MissingName(in: text.body, at: $0) }
        let answer = name.flatMap { trail.answer(forAnyOf: $0.candidates) }
        return QueryFinding(
            .unknownName,
            at: place,
            refusal.message,
            sqlState: refusal.sqlState,
            migration: answer?.migration,
            next: answer?.next ?? hint(of: refusal)
                ?? "no migration speaks of it: correct the query, or write the migration"
        )
    }

    private func hint(of refusal: PostgresError) -> String? { refusal.report?.hint }

    /// Whether a syntax error at a byte of the sent text is there because a parameter stands where only a literal can.
    private func takesOnlyLiteral(_ sent: Int) -> Bool {
        guard let offset = text.bodyOffset(ofSent: sent), text.parameters.contains(where: { $0.contains(offset) })
        else {
            return false
        }
        return ["'1'", "1", "x", "DESC"].contains { word in
            // A text that cannot be split is no better than one that does not parse.
            guard let tree = try? SyntaxTree(text.body(replacingParametersBy: word)) else { return false }
            return tree.statements.allSatisfy { $0.refusal == nil }
        }
    }
}

extension MigrationTrail {
    /// What is known of the first of several things that a name may mean; of one that is still to come, if there is any.
    func answer(forAnyOf things: [SchemaThing]) -> Answer? {
        let answers = things.compactMap { thing in answer(for: thing).map { (isPending: isYetToCome(thing), $0) } }
        return (answers.first(where: \.isPending) ?? answers.first)?.1
    }

    private func isYetToCome(_ thing: SchemaThing) -> Bool {
        events.contains { $0.isPending && $0.change.brings(thing) }
    }
}
