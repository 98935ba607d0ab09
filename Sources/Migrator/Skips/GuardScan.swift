import SQLSyntax

/// The guarded statements of a script, and where it has to stop so that each is judged on what was there before it.
///
/// A text without `IF NOT EXISTS` costs a pass over its bytes. Of one with some, words decide; nothing is parsed.
struct GuardScan: Sendable {
    /// A place before a statement, for the guards from there up to the next place.
    struct Checkpoint: Sendable {
        /// What comes before it in the script.
        enum Reason: Sendable {
            /// Nothing that matters for these guards.
            case start
            /// Something that may have changed what was there, but makes nothing.
            case mayBeChanged
            /// Something that may have made what they name.
            case mayBeMade
        }

        /// The statement that comes next, counted from 0.
        let statement: Int
        let reason: Reason
        /// The guarded statements that are judged here.
        var guarded: [Int] = []
    }

    /// A guard with its statement.
    struct Item: Sendable {
        let statement: Int
        let subject: StatementGuard
    }

    private(set) var items: [Item] = []
    private(set) var checkpoints: [Checkpoint] = []

    init(_ script: SQLScript) {
        let found = Set(script.statementsWithGuards)
        guard let last = found.max() else { return }
        var reason: Checkpoint.Reason? = .start
        var made: Set<String> = []
        for index in 0...last {
            let statement = script.statements[index]
            let guards = found.contains(index) ? statement.allGuards : []
            guard !guards.isEmpty else {
                switch StatementEffect(statement) {
                case .none: break
                case .makes(let name): made.insert(name)
                case .changes(let name):
                    if let name { made.insert(name) }
                    if reason != .mayBeMade { reason = checkpoints.isEmpty ? .start : .mayBeChanged }
                case .anything: reason = .mayBeMade
                }
                continue
            }
            if guards.contains(where: { $0.mayBeMade(by: made) }) { reason = .mayBeMade }
            if let why = reason {
                checkpoints.append(Checkpoint(statement: index, reason: why))
                reason = nil
            }
            checkpoints[checkpoints.count - 1].guarded.append(index)
            items += guards.map { Item(statement: index, subject: $0) }
            made.formUnion(guards.flatMap(\.names))
            switch StatementEffect(statement) {
            case .changes(let name):
                reason = .mayBeChanged
                if let name, statement.makesMore(than: guards.count) { made.insert(name) }
            case .anything where statement.begins(with: "DO"): reason = .mayBeMade
            case .none, .makes, .anything: break
            }
        }
    }

    var isEmpty: Bool { items.isEmpty }

    /// Whether it is enough to look once, before the script: where nothing of it is there then, nothing is skipped.
    var isDecidedBefore: Bool {
        checkpoints.allSatisfy { $0.reason != .mayBeMade } && items.allSatisfy { $0.subject.subject != .other }
    }

    /// The guards of these statements.
    func items(of statements: some Collection<Int>) -> [Item] { items.filter { statements.contains($0.statement) } }

    /// Whether nothing between two statements can have changed what was there before the first one.
    static func isCalm(_ script: SQLScript, between first: Int, and last: Int) -> Bool {
        guard first + 1 < last else { return true }
        return script.statements[(first + 1)..<last].allSatisfy { statement in
            guard statement.guards.allSatisfy({ if case .column = $0.subject { false } else { true } }) else {
                return false
            }
            return switch StatementEffect(statement) {
            case .none, .makes: true
            case .changes, .anything: false
            }
        }
    }
}

/// What a statement may do to the names that later ones guard, as far as its words tell.
enum StatementEffect {
    case none
    /// An object of this name.
    case makes(String)
    /// What is there is changed or taken away; columns, values and implicit objects of this one may be new.
    case changes(String?)
    /// Whatever: code runs that nobody has read, or names mean something else behind it.
    case anything

    init(_ statement: SQLStatement) {
        let words = statement.leadingWords
        switch words.first {
        case "CREATE":
            self = Self.creation(statement, words)
        case "ALTER":
            let moves = statement.contains(anyOf: "RENAME", "SCHEMA")
            self = moves ? .anything : .changes(statement.name(behindLeading: Self.beforeAltered)?.name)
        case "DROP":
            self = .changes(nil)
        case "SET":
            let matters = statement.contains(anyOf: "SEARCH_PATH", "SCHEMA", "ROLE", "AUTHORIZATION")
            self = matters ? .anything : .none
        case "INSERT", "UPDATE", "DELETE", "MERGE", "COPY", "TRUNCATE", "COMMENT", "GRANT", "REVOKE", "ANALYZE",
            "REFRESH", "LOCK", "REINDEX", "VACUUM", "VALUES", "CLUSTER", "SECURITY", "NOTIFY", "BEGIN", "START",
            "COMMIT", "SAVEPOINT", "RELEASE":
            self = .none
        default:
            self = .anything
        }
    }

    private static func creation(_ statement: SQLStatement, _ words: [String]) -> StatementEffect {
        let isNameless = words.contains("INDEX") && words.contains("ON") && words.firstIndex(of: "ON") ?? 0 < 4
        if isNameless || words.contains("SCHEMA") && statement.contains(anyOf: "TABLE", "VIEW", "SEQUENCE") {
            return .anything
        }
        return statement.name(behindLeading: beforeCreated).map { .makes($0.name) } ?? .none
    }

    private static let beforeCreated: Set = [
        "CREATE", "OR", "REPLACE", "TEMP", "TEMPORARY", "UNLOGGED", "FOREIGN", "TABLE", "MATERIALIZED", "RECURSIVE",
        "VIEW", "SEQUENCE", "UNIQUE", "INDEX", "CONCURRENTLY", "SCHEMA", "EXTENSION", "TYPE", "DOMAIN", "STATISTICS",
        "COLLATION", "SERVER", "IF", "NOT", "EXISTS",
    ]
    private static let beforeAltered: Set = ["ALTER", "FOREIGN", "TABLE", "TYPE", "IF", "EXISTS", "ONLY"]
}

extension StatementGuard {
    /// What its statement makes, under the names that ``mayBeMade(by:)`` looks for.
    var names: [String] {
        switch subject {
        case .relation(let name), .statistics(let name), .collation(let name): [name.name]
        case .index(let name, _), .schema(let name), .extension(let name), .server(let name): [name]
        case .userMapping(let role, let server): ["\(role) on \(server)"]
        case .column(let name, let owner), .enumValue(let name, let owner): ["\(owner.name).\(name)"]
        case .other: []
        }
    }

    /// Whether statements that made objects of these names may have made what it guards.
    fileprivate func mayBeMade(by made: Set<String>) -> Bool {
        switch subject {
        case .relation(let name): made.contains(name.name) || name.name.isImplicit(of: made)
        case .index(let name, _): made.contains(name) || name.isImplicit(of: made)
        case .schema, .extension, .statistics, .collation, .server, .userMapping:
            names.contains(where: made.contains)
        case .column(let name, let owner), .enumValue(let name, let owner):
            made.contains(owner.name) || made.contains("\(owner.name).\(name)")
        case .other: false
        }
    }
}

extension SQLStatement {
    /// Every guard of the statement, also in a block of PL/pgSQL.
    fileprivate var allGuards: [StatementGuard] { begins(with: "DO") ? BlockGuards(self).guards : guards }

    /// Whether an ALTER makes more than what it guards: a column without a guard, or an index or sequence along with one.
    fileprivate func makesMore(than guardCount: Int) -> Bool {
        names(behind: "ADD").count > guardCount
            || contains(anyOf: "SERIAL", "BIGSERIAL", "SMALLSERIAL", "IDENTITY", "UNIQUE", "PRIMARY")
    }
}

extension String {
    /// Whether it is the name of an index or a sequence that the server makes along with one of these tables.
    fileprivate func isImplicit(of tables: Set<String>) -> Bool {
        ["_pkey", "_key", "_excl", "_seq"].contains(where: hasSuffix) && tables.contains { hasPrefix("\($0)_") }
    }
}

extension SQLScript {
    /// The statements in which a word EXISTS stands, or what looks like one.
    fileprivate var statementsWithGuards: [Int] {
        let places = utf8.withUnsafeBytes { $0.places(ofWord: "exists") }
        var found: [Int] = []
        var index = 0
        for place in places {
            while index < statements.count, statements[index].range.upperBound <= place { index += 1 }
            guard index < statements.count else { break }
            if statements[index].range.contains(place), found.last != index { found.append(index) }
        }
        return found
    }
}
