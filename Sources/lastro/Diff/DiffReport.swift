import Catalog
import SchemaDiff

/// What differs between two schemas, with the statements that take it away.
struct DiffReport: Report {
    let changes: [Change]
    let hazards: [String]
    let notModelled: [String]
    /// What differs as text and may mean the same, for it could not be made on a scratch server.
    let notCompared: [Doubt]
    /// The columns that stand at another place in their tables.
    let reordered: [String]
    /// The hazards that nobody allowed.
    let forbidden: [String]
    /// What may be one object under two names.
    let proposedRenames: [ProposedRename]
    private let script: PlanScript

    /// An object that is gone and one like it that is new.
    struct ProposedRename: Encodable {
        let kind: String
        let object: String
        let to: String
        /// What `--accept-rename` takes.
        let accept: String
    }

    /// One object that differs, or that has to make room for one that does.
    struct Change: Encodable {
        let kind: String
        let object: String
        let change: String
        let attributes: [Attribute]
        let statements: [Statement]
    }

    /// One attribute that differs.
    struct Attribute: Encodable {
        let name: String
        let from: AttributeValue?
        let to: AttributeValue?

        // Both sides are always there, null for what is absent.
        func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: CodingKeys.self)
            try container.encode(name, forKey: .name)
            try container.encode(from, forKey: .from)
            try container.encode(to, forKey: .to)
        }

        private enum CodingKeys: CodingKey {
            case name, from, to
        }
    }

    /// One object whose definitions could not be held against each other.
    struct Doubt: Encodable {
        let kind: String
        let object: String
        let reason: String

        init(_ doubt: NotCompared) {
            kind = doubt.object.kind.rawValue
            object = doubt.object.names
            reason = doubt.reason
        }

        /// The doubt as a sentence.
        var words: String {
            "not compared but as text, for it cannot be made on the scratch server: \(kind) \(object): \(reason)"
        }
    }

    /// One statement of the plan.
    struct Statement: Encodable {
        let sql: String
        let hazards: [String]
        let lock: String?
        let transactional: Bool
    }

    /// The statements for an object.
    static func described(_ statements: [PlanStatement]) -> [Statement] {
        statements.map { statement in
            Statement(
                sql: statement.sql,
                hazards: statement.hazards.map(\.kind.rawValue),
                lock: statement.lock?.rawValue,
                transactional: statement.isTransactional
            )
        }
    }

    init(_ comparison: SchemaComparison, allowed: Set<Hazard.Kind>, limits: PlanScript.Limits) {
        let statements = comparison.statements
        func described(_ identity: ObjectIdentity) -> [Statement] {
            Self.described(statements[identity] ?? [])
        }
        let renamed = comparison.renames.map { Change($0) }
        let differing = comparison.changes.map { change in
            Change(change, statements: described(change.identity))
        }
        let involved = comparison.involved.map { identity in
            Change(
                kind: identity.kind.rawValue,
                object: identity.names,
                change: "rebuild",
                attributes: [],
                statements: described(identity)
            )
        }
        changes = renamed + differing + involved
        proposedRenames = comparison.proposedRenames.map { ProposedRename($0) }
        hazards = comparison.plan.hazards.map(\.rawValue).sorted()
        notModelled = comparison.notModelled
        notCompared = comparison.notCompared.map(Doubt.init)
        reordered = comparison.reordered.map(\.names)
        forbidden = comparison.plan.hazards.subtracting(allowed).map(\.rawValue).sorted()
        script = PlanScript(comparison.plan, limits: limits)
    }

    /// The plan as a script; as comments alone where a hazard is in it that nobody allowed, so that no pipe can run it.
    var sql: String {
        guard !forbidden.isEmpty else { return script.sql }
        let lines = script.sql.split(separator: "\n", omittingEmptySubsequences: false).map {
            $0.isEmpty ? "--" : "-- \($0)"
        }
        return "-- not to be run: \(forbidden.joined(separator: ", ")) not allowed (--allow-hazards)\n--\n"
            + lines.joined(separator: "\n")
    }

    func text(in format: OutputFormat) -> String? {
        switch format {
        case .sql: sql
        case .markdown: DiffMarkdown(self).text
        case .html: DiffPage(self).html
        default: nil
        }
    }

    private enum CodingKeys: CodingKey {
        case changes, hazards, notModelled, notCompared, reordered, proposedRenames
    }
}

extension DiffReport.Change {
    init(_ change: ObjectChange, statements: [DiffReport.Statement]) {
        self.init(
            kind: change.identity.kind.rawValue,
            object: change.identity.names,
            change: change.before == nil ? "create" : change.after == nil ? "drop" : "alter",
            attributes: change.attributes.map {
                DiffReport.Attribute(name: $0.name.rawValue, from: $0.from, to: $0.to)
            },
            statements: statements
        )
    }
}

extension DiffReport.Change {
    init(_ taken: SchemaComparison.TakenRename) {
        let rename = taken.rename
        self.init(
            kind: rename.from.kind.rawValue,
            object: rename.from.names,
            change: "rename",
            attributes: Self.names(of: rename),
            statements: DiffReport.described(taken.statements)
        )
    }

    private static func names(of rename: ObjectRename) -> [DiffReport.Attribute] {
        let word = rename.part == nil ? "name" : rename.from.kind == .enumeration ? "value" : "attribute"
        let name = DiffReport.Attribute(name: word, from: .text(rename.oldName), to: .text(rename.newName))
        guard rename.isMove, let old = rename.from.schema, let new = rename.to.schema else { return [name] }
        let schema = DiffReport.Attribute(name: "schema", from: .text(old), to: .text(new))
        return rename.oldName == rename.newName ? [schema] : [schema, name]
    }
}

extension DiffReport.ProposedRename {
    init(_ proposed: SchemaComparison.ProposedRename) {
        let rename = proposed.rename
        self.init(
            kind: rename.from.kind.rawValue,
            object: rename.part.map { rename.from.names + "." + $0.from } ?? rename.from.names,
            to: rename.part.map { rename.to.names + "." + $0.to } ?? rename.to.names,
            accept: proposed.request
        )
    }

    /// What to give to have it taken, as a shell reads it.
    var option: String { "--accept-rename '" + accept.replacing("'", with: "'\\''") + "'" }

    /// `users may be accounts: --accept-rename 'public.users=accounts'`.
    var words: String { "\(kind) \(object) may be \(to) under its old name: \(option)" }
}

extension ObjectIdentity {
    /// The names without the kind.
    var names: String { String(description.dropFirst(kind.rawValue.count + 1)) }
}
