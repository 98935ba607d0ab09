import Catalog
import SQLSyntax

/// From one state of a table to another, without its columns.
struct TableAlteration {
    private let before: CatalogObject
    private let after: CatalogObject
    private let context: PlanContext

    init(from before: CatalogObject, to after: CatalogObject, in context: PlanContext) {
        self.before = before
        self.after = after
        self.context = context
    }

    private var name: String { after.identity.qualifiedName }
    private var alter: String {
        "ALTER \(after.identity.kind == .foreignTable ? "FOREIGN TABLE" : "TABLE") \(name)"
    }

    /// The statements; a table leaves its parents before it gets others.
    func statements() throws -> [PlanStatement] {
        let (from, to) = (Inheritance.names(of: before), Inheritance.names(of: after))
        let inherited = InheritedConstraints(of: after.identity, in: context)
        let isLeaving = isMoved && !from.isEmpty || from.contains { !to.contains($0) }
        let isComing = isMoved && !to.isEmpty || to.contains { !from.contains($0) }
        return detachment + departure + (isLeaving ? inherited.leftovers : [])
            + (isComing ? try inherited.needed() : [])
            + arrival + type + keeping + security + options + attachment
    }

    private var isMoved: Bool {
        before.text(.partitionOf) != after.text(.partitionOf)
            || before.text(.partitionBound) != after.text(.partitionBound)
    }

    private var detachment: [PlanStatement] {
        guard isMoved, let parent = before.text(.partitionOf) else { return [] }
        return [
            PlanStatement(
                "ALTER TABLE \(parent) DETACH PARTITION \(name)",
                hazards: [
                    Hazard(.accessExclusiveLock, "nobody can read or write \(parent) for a moment"),
                    Hazard(.correctness, "the rows of \(name) are no longer among those of \(parent)"),
                ],
                lock: .accessExclusive
            )
        ]
    }

    private var attachment: [PlanStatement] {
        guard isMoved, let parent = after.text(.partitionOf), let bound = after.text(.partitionBound) else { return [] }
        return [
            PlanStatement(
                "ALTER TABLE ONLY \(parent) ATTACH PARTITION \(name) \(bound)",
                hazards: Hazard.scansExclusively(name),
                lock: .accessExclusive
            )
        ] + parts
    }

    /// Its parts of the parent's indexes; attaching it has taken most of them already, and then nothing happens.
    private var parts: [PlanStatement] {
        [CatalogKind.constraint, .index].flatMap { kind in
            context.wanted.children(of: after.identity, kind: kind).compactMap { part in
                part.text(.attachedTo).map { whole in
                    PlanStatement(
                        "ALTER INDEX \(whole) ATTACH PARTITION \(part.identity.qualifiedName)",
                        lock: .shareUpdateExclusive
                    )
                }
            }
        }
    }

    /// The order of the parents is part of the table: from the first that differs on they are taken off and put on again.
    private var commonParents: Int { zip(before.list(.inherits), after.list(.inherits)).prefix { $0 == $1 }.count }

    private var departure: [PlanStatement] {
        before.list(.inherits)[commonParents...].map { parent in
            PlanStatement(
                "\(alter) NO INHERIT \(parent)",
                hazards: [Hazard(.correctness, "the rows of \(name) are no longer among those of \(parent)")],
                lock: .accessExclusive
            )
        }
    }

    private var arrival: [PlanStatement] {
        after.list(.inherits)[commonParents...].map { parent in
            PlanStatement(
                "\(alter) INHERIT \(parent)",
                hazards: [Hazard(.correctness, "the rows of \(name) are among those of \(parent) from now on")],
                lock: .accessExclusive
            )
        }
    }

    private var type: [PlanStatement] {
        guard before.text(.ofType) != after.text(.ofType) else { return [] }
        return [PlanStatement("\(alter) \(after.text(.ofType).map { "OF \($0)" } ?? "NOT OF")", lock: .accessExclusive)]
    }

    /// Where and how the rows are kept.
    private var keeping: [PlanStatement] {
        var statements: [PlanStatement] = []
        func rewrite(_ action: String) {
            statements.append(
                PlanStatement("\(alter) \(action)", hazards: Hazard.rewrites(name), lock: .accessExclusive)
            )
        }
        if before.flag(.unlogged) != after.flag(.unlogged) {
            rewrite(after.flag(.unlogged) ? "SET UNLOGGED" : "SET LOGGED")
            statements += OwnedSequences.kept(apartFrom: after, in: context)
        }
        if before.text(.accessMethod) != after.text(.accessMethod) {
            rewrite("SET ACCESS METHOD \(Identifier.quote(after.text(.accessMethod) ?? "heap"))")
        }
        if before.text(.tablespace) != after.text(.tablespace) {
            rewrite("SET TABLESPACE \(Identifier.quote(after.text(.tablespace) ?? "pg_default"))")
        }
        let parameters = StorageParameters(before.list(.storageParameters))
        for action in parameters.actions(to: StorageParameters(after.list(.storageParameters))) {
            statements.append(PlanStatement("\(alter) \(action)", lock: .shareUpdateExclusive))
        }
        if before.text(.replicaIdentity) != after.text(.replicaIdentity) {
            let identity = after.text(.replicaIdentity)?.uppercased() ?? "DEFAULT"
            statements.append(
                PlanStatement(
                    "\(alter) REPLICA IDENTITY \(identity)",
                    hazards: [Hazard(.correctness, "subscribers are told something else of changed rows of \(name)")],
                    lock: .accessExclusive
                )
            )
        }
        return statements
    }

    private var security: [PlanStatement] {
        func change(_ attribute: AttributeName, _ on: String, _ off: String) -> [PlanStatement] {
            guard before.flag(attribute) != after.flag(attribute) else { return [] }
            return [
                PlanStatement(
                    "\(alter) \(after.flag(attribute) ? on : off) ROW LEVEL SECURITY",
                    hazards: [Hazard(.authorisationChange, "which rows of \(name) a role reaches changes")],
                    lock: .accessExclusive
                )
            ]
        }
        return change(.rowSecurity, "ENABLE", "DISABLE") + change(.forceRowSecurity, "FORCE", "NO FORCE")
    }

    private var options: [PlanStatement] {
        guard let options = ForeignOptions.change(from: before.list(.options), to: after.list(.options)) else {
            return []
        }
        return [
            PlanStatement(
                "\(alter) \(options)",
                hazards: [Hazard(.correctness, "\(name) reaches its data by these options")],
                lock: .accessExclusive
            )
        ]
    }
}
