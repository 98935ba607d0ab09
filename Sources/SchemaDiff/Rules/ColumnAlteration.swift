import Catalog
import Postgres
import SQLSyntax

/// From one state of a column to another.
struct ColumnAlteration {
    private let before: CatalogObject
    private let after: CatalogObject
    private let context: PlanContext
    private let change: ObjectChange
    private let inheritance: Inheritance

    init(from before: CatalogObject, to after: CatalogObject, in context: PlanContext) {
        self.before = before
        self.after = after
        self.context = context
        change = ObjectChange(identity: after.identity, before: before, after: after)
        inheritance = Inheritance(in: context)
    }

    private var table: String { after.identity.qualifiedParent ?? "" }
    private var name: String { Identifier.quote(after.identity.name) }
    private var words: String {
        context.to.parent(of: after.identity)?.kind == .foreignTable ? "ALTER FOREIGN TABLE" : "ALTER TABLE"
    }
    private var isForeign: Bool { words == "ALTER FOREIGN TABLE" }
    private var version: ServerVersion { context.from.serverVersion }

    /// Whether the values become those of another type, so that views and others cannot stay.
    var changesType: Bool {
        before.text(.type) != after.text(.type) || before.text(.collation) != after.text(.collation)
    }

    private var isTypeBrought: Bool {
        inheritance.changes(.type, of: change) || inheritance.changes(.collation, of: change)
    }

    /// The statements.
    var statements: [PlanStatement] {
        if changesType, !isTypeBrought { return leaving + typeChange + identity + notNull + rest }
        return ownStatements
    }

    /// The statements without those for the type.
    var ownStatements: [PlanStatement] { leaving + defaultChange + identity + notNull + rest }

    private func alter(_ action: String, only: Bool = true, lock: TableLock = .accessExclusive) -> PlanStatement {
        PlanStatement("\(words) \(only ? "ONLY " : "")\(table) \(action)", lock: lock)
    }

    /// What the column stops to be.
    private var leaving: [PlanStatement] {
        var statements: [PlanStatement] = []
        if before.text(.identity) != nil, after.text(.identity) == nil {
            statements.append(alter("ALTER COLUMN \(name) DROP IDENTITY", only: false))
        }
        if before.text(.generated) != nil, after.text(.generated) == nil, !inheritance.changes(.generated, of: change) {
            statements.append(alter("ALTER COLUMN \(name) DROP EXPRESSION", only: false))
        }
        if before.flag(.notNull), !after.flag(.notNull), !inheritance.changes(.notNull, of: change) {
            if isInReplicaIdentity { statements.append(alter("REPLICA IDENTITY DEFAULT", only: false)) }
            statements += notNullRemoval
        }
        return statements
    }

    /// Lets null in, and leaves the children alone that go on refusing it.
    private var notNullRemoval: [PlanStatement] {
        let drop = "ALTER COLUMN \(name) DROP NOT NULL"
        let children = inheritance.descendants(of: after.identity).filter { $0.before.flag(.notNull) }
        let refusing = children.filter { $0.after.flag(.notNull) }
        guard !refusing.isEmpty else { return [alter(drop, only: false)] }
        func alterChild(_ child: CatalogObject, _ action: String, _ hazards: [Hazard] = []) -> PlanStatement {
            PlanStatement(
                "ALTER TABLE ONLY \(child.identity.qualifiedParent ?? "") ALTER COLUMN \(name) \(action)",
                hazards: hazards,
                lock: .accessExclusive
            )
        }
        // A partitioned table lets null in together with its partitions.
        guard context.to.parent(of: after.identity).flatMap({ context.to[$0] })?.text(.partitionKey) == nil else {
            return [alter(drop, only: false)]
                + refusing.map { child in
                    alterChild(
                        child.after,
                        "SET NOT NULL",
                        Hazard.scansExclusively(child.after.identity.qualifiedParent ?? "")
                    )
                }
        }
        return [alter(drop)]
            + children.filter { !$0.after.flag(.notNull) }.map { alterChild($0.after, "DROP NOT NULL") }
    }

    /// Whether rows are told from each other by an index on the column that stays without telling them: the columns of one
    /// that does cannot be null.
    private var isInReplicaIdentity: Bool {
        guard let table = context.to.parent(of: after.identity), context.to[table]?.text(.replicaIdentity) == nil else {
            return false
        }
        return [CatalogKind.index, .constraint].contains { kind in
            context.from.children(of: table, kind: kind).contains { index in
                index.flag(.replicaIdentity) && index.dependencies.contains(after.identity)
                    && context.to[index.identity] != nil && !context.isNew(index.identity)
            }
        }
    }

    private var typeChange: [PlanStatement] {
        let type = after.text(.type) ?? ""
        let conversion = TypeChange(from: before.text(.type) ?? "", to: type, in: context.to)
        let old = before.text(.default)
        let new = after.text(.default)
        var actions: [String] = []
        if old != nil { actions.append("ALTER COLUMN \(name) DROP DEFAULT") }
        var action = "ALTER COLUMN \(name) TYPE \(type)"
        if let collation = after.text(.collation) { action += " COLLATE \(collation)" }
        if !isForeign, after.text(.generated) == nil, let using = conversion.conversion(of: name) {
            action += " USING \(using)"
        }
        actions.append(action)
        if let new { actions.append("ALTER COLUMN \(name) SET DEFAULT \(new)") }
        let isFree = isForeign || (conversion.isFree && before.text(.collation) == after.text(.collation))
        return [
            PlanStatement(
                "\(words) \(table) \(actions.joined(separator: ", "))",
                hazards: isFree
                    ? []
                    : Hazard.rewrites(table) + [
                        Hazard(
                            .correctness,
                            "programs that read \(after.identity) get \(type) where they had \(before.text(.type) ?? "")"
                        )
                    ],
                lock: .accessExclusive
            )
        ] + sequenceContinuation
    }

    private var defaultChange: [PlanStatement] {
        var statements: [PlanStatement] = []
        if let expression = after.text(.generated), let old = before.text(.generated), old != expression {
            statements.append(
                PlanStatement(
                    "\(words) \(table) ALTER COLUMN \(name) SET EXPRESSION AS (\(expression))",
                    hazards: Hazard.rewrites(table),
                    lock: .accessExclusive
                )
            )
        }
        guard before.text(.default) != after.text(.default) else { return statements }
        statements.append(
            alter("ALTER COLUMN \(name) " + (after.text(.default).map { "SET DEFAULT \($0)" } ?? "DROP DEFAULT"))
        )
        return statements + sequenceContinuation
    }

    /// Lets a sequence that the plan has just made go on behind the numbers that are in the column.
    private var sequenceContinuation: [PlanStatement] {
        guard let value = after.text(.default), value != before.text(.default),
            let sequence = DefaultExpression(value).sequence,
            let identity = after.dependencies.first(where: { $0.kind == .sequence && $0.qualifiedName == sequence }),
            context.isNew(identity), let options = context.to[identity]?.list(.sequenceOptions)
        else { return [] }
        return continuation(of: StringLiteral.quote(sequence), options)
    }

    private func continuation(of sequence: String, _ options: [String]) -> [PlanStatement] {
        guard !context.isNew(after.identity), !isForeign,
            !options.contains(where: { $0.hasPrefix("INCREMENT BY -") || $0.hasPrefix("START WITH") })
        else { return [] }
        return [
            PlanStatement(
                "SELECT pg_catalog.setval(\(sequence), pg_catalog.max(\(name)) + 1, false) "
                    + "FROM \(table) HAVING pg_catalog.max(\(name)) >= 1",
                lock: .accessShare
            )
        ]
    }

    private var identity: [PlanStatement] {
        let definition = ColumnDefinition(after, in: context)
        guard let kind = after.text(.identity), let identity = definition.identity else { return [] }
        guard let former = before.text(.identity) else {
            // An identity column has to refuse null before it becomes one.
            let added = alter("ALTER COLUMN \(name) ADD \(identity)", only: false)
            let sequence =
                "pg_catalog.pg_get_serial_sequence("
                + "\(StringLiteral.quote(table)), \(StringLiteral.quote(after.identity.name)))"
            let needsNotNull = !before.flag(.notNull) && after.flag(.notNull)
            return (needsNotNull ? notNullAddition : []) + [added]
                + continuation(of: sequence, after.list(.identityOptions))
        }
        var actions: [String] = []
        if former != kind { actions.append("SET GENERATED \(kind.uppercased())") }
        let old = sequenceName(before)
        let new = sequenceName(after)
        let schema = after.identity.schema.map { Identifier.quote($0) + "." } ?? ""
        // The sequence keeps its own type when the column's is another one.
        let narrowing = SequenceNarrowing(
            from: SequenceLimits(before.list(.identityOptions), type: before.text(.type)),
            to: SequenceLimits(after.list(.identityOptions), type: before.text(.type)),
            of: schema + Identifier.quote(old)
        )
        let options = SequenceOptions(before.list(.identityOptions))
        actions += options.actions(
            to: SequenceOptions(after.list(.identityOptions)),
            within: SequenceLimits(after.list(.identityOptions), type: after.text(.type)),
            settingLimits: narrowing.widensFirst
        ).map { "SET \($0)" }
        var statements: [PlanStatement] = []
        if !actions.isEmpty {
            statements += narrowing.statements { limits in
                "\(words) \(table) ALTER COLUMN \(name) "
                    + limits.map { "SET \($0)" }.joined(separator: " ")
            }
            statements.append(alter("ALTER COLUMN \(name) \(actions.joined(separator: " "))", only: false))
        }
        if old != new {
            statements.append(
                PlanStatement("ALTER SEQUENCE \(schema)\(Identifier.quote(old)) RENAME TO \(Identifier.quote(new))")
            )
        }
        return statements
    }

    private func sequenceName(_ column: CatalogObject) -> String {
        column.text(.identitySequence) ?? ChosenName.of(column.identity.parent ?? "", column.identity.name, "seq")
    }

    private var notNull: [PlanStatement] {
        guard after.flag(.notNull) else { return [] }
        guard before.flag(.notNull) else {
            let isIdentityAdded = after.text(.identity) != nil && before.text(.identity) == nil
            return isIdentityAdded || inheritance.changes(.notNull, of: change) ? [] : notNullAddition
        }
        var statements: [PlanStatement] = []
        let old = ColumnDefinition(before, in: context).notNullName
        let new = ColumnDefinition(after, in: context).notNullName
        guard version.major >= 18 else { return [] }
        // What was validated is not taken back: it goes, and comes again.
        if after.flag(.notNullNotValid), !before.flag(.notNullNotValid) {
            return [alter("ALTER COLUMN \(name) DROP NOT NULL", only: false)] + notNullAddition
        }
        if old != new {
            statements.append(
                alter("RENAME CONSTRAINT \(Identifier.quote(old)) TO \(Identifier.quote(new))", only: false)
            )
        }
        if before.flag(.notNullNoInherit) != after.flag(.notNullNoInherit) {
            let words = after.flag(.notNullNoInherit) ? "NO INHERIT" : "INHERIT"
            statements.append(alter("ALTER CONSTRAINT \(Identifier.quote(new)) \(words)"))
        }
        if before.flag(.notNullNotValid), !after.flag(.notNullNotValid) {
            statements.append(validation(of: Identifier.quote(new)))
        }
        return statements
    }

    /// Refuses null from now on, without keeping anybody out while the rows are read.
    private var notNullAddition: [PlanStatement] {
        let definition = ColumnDefinition(after, in: context)
        if let constraint = definition.notValidNotNull { return [alter(constraint, only: false)] }
        guard context.options.isOnline, !isForeign, !context.isNew(after.identity) else {
            let hazards = isForeign || context.isNew(after.identity) ? [] : Hazard.scansExclusively(table)
            let isPlain = after.text(.notNullName) == nil && !after.flag(.notNullNoInherit)
            let action =
                isPlain
                ? "ALTER COLUMN \(name) SET NOT NULL"
                : "ADD CONSTRAINT \(Identifier.quote(definition.notNullName)) NOT NULL \(name)"
                    + (after.flag(.notNullNoInherit) ? " NO INHERIT" : "")
            return [PlanStatement("\(words) \(table) \(action)", hazards: hazards, lock: .accessExclusive)]
        }
        if version.major >= 18 {
            let constraint = Identifier.quote(definition.notNullName)
            let noInherit = after.flag(.notNullNoInherit) ? " NO INHERIT" : ""
            return [
                alter("ADD CONSTRAINT \(constraint) NOT NULL \(name)\(noInherit) NOT VALID", only: false),
                validation(of: constraint),
            ]
        }
        let helper = Identifier.quote(ReplacementName.of(after.identity.name, "not_null"))
        return [
            alter("ADD CONSTRAINT \(helper) CHECK (\(name) IS NOT NULL) NOT VALID", only: false),
            validation(of: helper),
            // The validated check spares the server reading the rows again (manual, ALTER TABLE, SET NOT NULL).
            alter("ALTER COLUMN \(name) SET NOT NULL", only: false),
            alter("DROP CONSTRAINT \(helper)", only: false),
        ]
    }

    private func validation(of constraint: String) -> PlanStatement {
        PlanStatement(
            "\(words) \(table) VALIDATE CONSTRAINT \(constraint)",
            hazards: [.validates(table)],
            lock: .shareUpdateExclusive
        )
    }

    /// The column with its former settings as far as another type leaves them.
    private var asRetyped: CatalogObject {
        var attributes = before.attributes
        attributes[.storage] = nil
        attributes[.compression] = nil
        return CatalogObject(before.identity, attributes: attributes)
    }

    private var rest: [PlanStatement] {
        let settings = ColumnDefinition(after, in: context).settings(from: changesType ? asRetyped : before)
        var statements = settings.isEmpty ? [] : [alter(settings.joined(separator: ", "))]
        if let options = ForeignOptions.change(from: before.list(.options), to: after.list(.options)) {
            statements.append(alter("ALTER COLUMN \(name) \(options)"))
        }
        return statements
    }
}
