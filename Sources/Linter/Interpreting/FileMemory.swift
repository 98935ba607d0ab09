import SQLSyntax
import SourceText

/// What the statements of a file have done so far, and what is asked of all of them: a large file is not looked through
/// for each statement.
struct FileMemory {
    /// What was last done with a part of a table.
    struct Action {
        let kind: AlterTableAction.Kind
        let isTolerant: Bool

        init(_ action: AlterTableAction) {
            kind = action.kind
            isTolerant = action.isTolerant
        }
    }

    /// Where a file ends transactions, and where it changes something for the last time.
    struct Ends {
        fileprivate let commits: [Int]
        fileprivate let lastChange: Int?

        /// Whether the file changes something behind the end of the transaction that a statement is in.
        func changesBehindCommit(after index: Int) -> Bool {
            let next = commits.partitioningIndex { $0 > index }
            guard next < commits.count, let lastChange else { return false }
            return lastChange > commits[next]
        }
    }

    /// The names of what was dropped.
    private(set) var dropped: Set<String> = []
    /// The same, by kind.
    private(set) var droppedByKind: [ObjectKind: Set<String>] = [:]
    /// The last action on each part of a table, by the names that the file uses.
    private(set) var actions: [QualifiedName: [String: Action]] = [:]
    /// The indexes that are built unless they are there.
    private(set) var guardedIndexes: Set<String> = []
    private var ends: Ends?
    private var setsSequence: Bool?

    mutating func note(_ statement: LintSource.Statement) {
        switch statement.node {
        case .drop(let drop):
            for object in drop.objects {
                dropped.insert(object.name.name)
                droppedByKind[drop.kind, default: []].insert(object.name.name)
            }
        case .alterTable(let alter):
            for action in alter.actions {
                if let name = action.name { actions[alter.relation.name, default: [:]][name] = Action(action) }
            }
        case .createIndex(let create) where create.ifNotExists:
            if let name = create.name { guardedIndexes.insert(name) }
        default: return
        }
    }

    mutating func ends(of source: LintSource) -> Ends {
        if let ends { return ends }
        let found = Ends(
            commits: source.statements.indices.filter { source.statements[$0].isCommit },
            lastChange: source.statements.lastIndex { ![.transaction, .select, .set].contains($0.kind) }
        )
        ends = found
        return found
    }

    /// Whether the file sets a sequence.
    mutating func setsSequence(_ source: LintSource) -> Bool {
        if let setsSequence { return setsSequence }
        let found = source.statements.contains { statement in
            switch statement.node {
            case .select: statement.parsed.statement.contains(anyOf: "setval")
            case .alterSequence(_, let options): options.contains { $0.name == "restart" }
            default: false
            }
        }
        setsSequence = found
        return found
    }
}

extension LintSource.Statement {
    /// Whether it ends a transaction and keeps what that did.
    fileprivate var isCommit: Bool {
        if case .transaction(let statement) = node { statement.control == .commit } else { false }
    }
}
