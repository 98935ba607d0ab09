import Catalog
import Postgres
import SQLSyntax

/// Columns of tables that are there.
struct ColumnRule: KindRule {
    let kinds: Set<CatalogKind> = [.column]

    func create(_ object: CatalogObject, in context: PlanContext) -> [PlanStatement] {
        let inheritance = Inheritance(in: context)
        let definition = ColumnDefinition(object, in: context)
        let table = object.identity.qualifiedParent ?? ""
        if inheritance.brings(object) {
            guard let parent = inheritance.parents(of: object).compactMap({ context.to[$0] }).first else { return [] }
            var attributes = parent.attributes
            // What is said of a parent's column behind its addition reaches the children, except for these (manual, ALTER
            // TABLE).
            attributes[.compression] = nil
            attributes[.columnParameters] = nil
            let brought = CatalogObject(object.identity, attributes: attributes)
            return ColumnAlteration(from: brought, to: object, in: context).ownStatements
        }
        var statements = [
            PlanStatement(
                "\(alter(object, in: context.to)) ADD COLUMN \(definition.sql)",
                hazards: additionHazards(object, table),
                lock: .accessExclusive
            )
        ]
        let settings = definition.settings(from: nil) + [definition.notValidNotNull].compactMap(\.self)
        if !settings.isEmpty {
            statements.append(
                PlanStatement(
                    "\(alter(object, in: context.to)) \(settings.joined(separator: ", "))",
                    lock: .accessExclusive
                )
            )
        }
        return statements
    }

    func drop(_ object: CatalogObject, in context: PlanContext) -> [PlanStatement] {
        guard !Inheritance(in: context).takes(object) else { return [] }
        let isDerived = object.text(.generated) != nil
        let only = isKeptByChild(object, in: context) ? "ONLY " : ""
        let table = "ALTER TABLE \(only)\(object.identity.qualifiedParent ?? "")"
        return [
            PlanStatement(
                "\(only.isEmpty ? alter(object, in: context.from) : table) DROP COLUMN \(Identifier.quote(object.identity.name))",
                hazards: isDerived ? [] : [Hazard(.deletesData, "the values of \(object.identity) are deleted")],
                lock: .accessExclusive
            )
        ]
    }

    /// Whether a child table has the column from here, and is to keep it as its own.
    private func isKeptByChild(_ object: CatalogObject, in context: PlanContext) -> Bool {
        context.from.objects(of: .column).contains { child in
            child.identity.name == object.identity.name && child.flag(.inherited)
                && child.dependencies.contains(object.identity) && !context.isNew(child.identity)
                && context.to[child.identity].map { !$0.flag(.inherited) } ?? false
        }
    }

    func alter(_ change: ObjectChange, in context: PlanContext) throws -> Alteration {
        guard let before = change.before, let after = change.after else { return .rebuild }
        if mustBeMadeAnew(from: before, to: after, serverVersion: context.from.serverVersion) {
            return .rebuild
        }
        let alteration = ColumnAlteration(from: before, to: after, in: context)
        let statements = alteration.statements
        return alteration.changesType ? .withoutDependants(statements) : .inPlace(statements)
    }

    /// Whether a column becomes or stays generated in a way that no `ALTER COLUMN` does: its values follow from others.
    private func mustBeMadeAnew(from before: CatalogObject, to after: CatalogObject, serverVersion: ServerVersion)
        -> Bool
    {
        switch (before.text(.generated), after.text(.generated)) {
        case (nil, nil): false
        case (nil, _?): true
        case (_?, nil): before.flag(.virtual)
        case (let old?, let new?):
            before.flag(.virtual) != after.flag(.virtual) || (old != new && serverVersion.major < 17)
        }
    }

    private func additionHazards(_ column: CatalogObject, _ table: String) -> [Hazard] {
        if column.text(.identity) != nil || (column.text(.generated) != nil && !column.flag(.virtual)) {
            return Hazard.rewrites(table)
        }
        if let value = column.text(.default) {
            return DefaultExpression(value).isTheSameForAllRows ? [] : Hazard.rewrites(table)
        }
        guard column.flag(.notNull), column.text(.generated) == nil else { return [] }
        return [
            Hazard(.correctness, "it fails if \(table) has rows, which would have no value in \(column.identity.name)")
        ]
    }

    private func alter(_ column: CatalogObject, in catalog: Catalog, only: Bool = false) -> String {
        let isForeign = catalog.parent(of: column.identity)?.kind == .foreignTable
        return
            "ALTER \(isForeign ? "FOREIGN TABLE" : "TABLE") \(only ? "ONLY " : "")\(column.identity.qualifiedParent ?? "")"
    }
}

/// A default as the server prints it.
struct DefaultExpression {
    private let text: String

    init(_ text: String) {
        self.text = text
    }

    /// Whether it is known to give one value for a whole statement, so that rows that are there need not be written.
    ///
    /// What the expression calls beside the functions below may be volatile.
    var isTheSameForAllRows: Bool {
        var rest = text[...]
        while let open = rest.firstIndex(of: "(") {
            let word = rest[..<open].reversed().prefix { $0.isLetter || $0.isNumber || "_.\"".contains($0) }
            let name = String(word.reversed())
            // A literal or a constant cast: parentheses behind no name, or a type's limits.
            guard name.isEmpty || Self.stable.contains(name) || isInLiteral(open) else { return false }
            rest = rest[rest.index(after: open)...]
        }
        return true
    }

    /// The sequence that a default takes its values from, as SQL writes it; nil for any other.
    var sequence: String? {
        guard text.hasPrefix("nextval('"), text.hasSuffix("'::regclass)") else { return nil }
        return String(text.dropFirst("nextval('".count).dropLast("'::regclass)".count))
            .replacing("''", with: "'")
    }

    private func isInLiteral(_ position: String.Index) -> Bool {
        text[..<position].count { $0 == "'" } % 2 == 1
    }

    private static let stable: Set<String> = [
        "now", "varying", "character", "numeric", "timestamp", "time", "bit", "interval", "timezone",
        "statement_timestamp",
        "transaction_timestamp", "current_setting", "jsonb_build_object", "jsonb_build_array", "lower", "upper", "char",
        "bpchar", "varchar", "date_trunc", "ARRAY", "COALESCE", "lpad", "to_char", "concat", "encode", "decode", "md5",
    ]
}
