import Catalog
import Postgres
import SQLSyntax

/// Views.
struct ViewRule: KindRule {
    let kinds: Set<CatalogKind> = [.view]

    func create(_ object: CatalogObject, in context: PlanContext) -> [PlanStatement] {
        [PlanStatement(creation(of: object, "CREATE VIEW"))]
    }

    func drop(_ object: CatalogObject, in context: PlanContext) -> [PlanStatement] {
        [PlanStatement("DROP VIEW \(object.identity.qualifiedName)", lock: .accessExclusive)]
    }

    func alter(_ change: ObjectChange, in context: PlanContext) -> Alteration {
        guard let before = change.before, let after = change.after else { return .rebuild }
        guard before.text(.definition) == after.text(.definition) else {
            guard keepsColumns(change.identity, in: context) else { return .rebuild }
            return .inPlace([PlanStatement(creation(of: after, "CREATE OR REPLACE VIEW"), lock: .accessExclusive)])
        }
        let parameters = StorageParameters(before.list(.storageParameters))
        return .inPlace(
            parameters.actions(to: StorageParameters(after.list(.storageParameters))).map { action in
                PlanStatement("ALTER VIEW \(change.identity.qualifiedName) \(action)", lock: .accessExclusive)
            }
        )
    }

    /// Whether all columns that are there stay where they are and what they are, as `CREATE OR REPLACE` demands it.
    private func keepsColumns(_ view: ObjectIdentity, in context: PlanContext) -> Bool {
        func columns(_ catalog: Catalog) -> [CatalogObject] {
            catalog.children(of: view, kind: .viewColumn)
                .sorted { ($0.number(.position) ?? 0) < ($1.number(.position) ?? 0) }
        }
        let from = columns(context.from)
        let to = columns(context.to)
        guard from.count <= to.count else { return false }
        return zip(from, to).allSatisfy { before, after in
            before.identity == after.identity && before.text(.type) == after.text(.type)
                && before.text(.collation) == after.text(.collation)
        }
    }

    private func creation(of view: CatalogObject, _ words: String) -> String {
        let options = StorageParameters(view.list(.storageParameters)).clause.map { " WITH \($0)" } ?? ""
        return "\(words) \(view.identity.qualifiedName)\(options) AS\n\(view.text(.definition) ?? "")"
    }
}

/// Materialized views.
struct MaterializedViewRule: KindRule {
    let kinds: Set<CatalogKind> = [.materializedView]

    func create(_ object: CatalogObject, in context: PlanContext) -> [PlanStatement] {
        var sql = "CREATE MATERIALIZED VIEW \(object.identity.qualifiedName)"
        if let method = object.text(.accessMethod) { sql += " USING \(Identifier.quote(method))" }
        if let parameters = StorageParameters(object.list(.storageParameters)).clause { sql += " WITH \(parameters)" }
        if let tablespace = object.text(.tablespace) { sql += " TABLESPACE \(Identifier.quote(tablespace))" }
        sql += " AS\n\(object.text(.definition) ?? "")\nWITH \(object.flag(.unpopulated) ? "NO " : "")DATA"
        return [
            PlanStatement(
                sql,
                hazards: context.from[object.identity] == nil || object.flag(.unpopulated)
                    ? [] : [Hazard(.impactsPerformance, "the query of \(object.identity.qualifiedName) is run anew")]
            )
        ]
    }

    func drop(_ object: CatalogObject, in context: PlanContext) -> [PlanStatement] {
        let name = object.identity.qualifiedName
        return [
            PlanStatement(
                "DROP MATERIALIZED VIEW \(name)",
                hazards: object.flag(.unpopulated) ? [] : [.deletesRows(of: name)],
                lock: .accessExclusive
            )
        ]
    }

    func alter(_ change: ObjectChange, in context: PlanContext) -> Alteration {
        guard let before = change.before, let after = change.after,
            before.text(.definition) == after.text(.definition)
        else { return .rebuild }
        // Its owner's rights decide on a refresh, and those of whoever runs the plan on its creation.
        if before.flag(.unpopulated), !after.flag(.unpopulated), readsOthers(before, in: context.from) {
            return .rebuild
        }
        let name = change.identity.qualifiedName
        let alter = "ALTER MATERIALIZED VIEW \(name)"
        var statements: [PlanStatement] = []
        if before.text(.accessMethod) != after.text(.accessMethod) {
            statements.append(
                PlanStatement(
                    "\(alter) SET ACCESS METHOD \(Identifier.quote(after.text(.accessMethod) ?? "heap"))",
                    hazards: Hazard.rewrites(name),
                    lock: .accessExclusive
                )
            )
        }
        if before.text(.tablespace) != after.text(.tablespace) {
            statements.append(
                PlanStatement(
                    "\(alter) SET TABLESPACE \(Identifier.quote(after.text(.tablespace) ?? "pg_default"))",
                    hazards: Hazard.rewrites(name),
                    lock: .accessExclusive
                )
            )
        }
        let parameters = StorageParameters(before.list(.storageParameters))
        for action in parameters.actions(to: StorageParameters(after.list(.storageParameters))) {
            statements.append(PlanStatement("\(alter) \(action)", lock: .shareUpdateExclusive))
        }
        if before.flag(.unpopulated) != after.flag(.unpopulated) {
            statements.append(
                PlanStatement(
                    "REFRESH MATERIALIZED VIEW \(name)\(after.flag(.unpopulated) ? " WITH NO DATA" : "")",
                    hazards: after.flag(.unpopulated)
                        ? [.deletesRows(of: name)]
                        : [
                            Hazard(.impactsPerformance, "the query of \(name) is run"),
                            Hazard(.accessExclusiveLock, "nobody can read \(name) meanwhile"),
                        ],
                    lock: .accessExclusive
                )
            )
        }
        return .inPlace(statements)
    }

    /// Whether it needs what another role owns.
    private func readsOthers(_ view: CatalogObject, in catalog: Catalog) -> Bool {
        guard let owner = view.text(.owner) else { return false }
        return view.dependencies.contains { needed in
            let holder = [.column, .viewColumn].contains(needed.kind) ? catalog.parent(of: needed) ?? needed : needed
            return catalog[holder]?.text(.owner).map { $0 != owner } ?? false
        }
    }
}

/// Columns of views and materialized views: they come and go with the query, and only what is said of them is planned.
struct ViewColumnRule: KindRule {
    let kinds: Set<CatalogKind> = [.viewColumn]

    func create(_ object: CatalogObject, in context: PlanContext) -> [PlanStatement] {
        statements(from: nil, to: object, in: context)
    }

    func drop(_ object: CatalogObject, in context: PlanContext) -> [PlanStatement] { [] }

    func alter(_ change: ObjectChange, in context: PlanContext) -> Alteration {
        guard let after = change.after else { return .rebuild }
        return .inPlace(statements(from: change.before, to: after, in: context))
    }

    private func statements(
        from before: CatalogObject?,
        to after: CatalogObject,
        in context: PlanContext
    ) -> [PlanStatement] {
        let isMaterialized = context.to.parent(of: after.identity)?.kind == .materializedView
        let view = "ALTER \(isMaterialized ? "MATERIALIZED VIEW" : "VIEW") \(after.identity.qualifiedParent ?? "")"
        var statements: [PlanStatement] = []
        if before?.text(.default) != after.text(.default) {
            let action = after.text(.default).map { "SET DEFAULT \($0)" } ?? "DROP DEFAULT"
            statements.append(
                PlanStatement(
                    "\(view) ALTER COLUMN \(Identifier.quote(after.identity.name)) \(action)",
                    lock: .accessExclusive
                )
            )
        }
        guard isMaterialized else { return statements }
        let definition = ColumnDefinition(after, in: context)
        for setting in definition.settings(from: before) {
            statements.append(PlanStatement("\(view) \(setting)", lock: .accessExclusive))
        }
        return statements
    }
}
