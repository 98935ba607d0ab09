import Catalog
import SQLSyntax

/// What is said of an index, or of the index behind a constraint, beside what it is: marks on its table, how it is kept.
struct IndexMarks {
    private let object: CatalogObject
    private let context: PlanContext

    init(_ object: CatalogObject, in context: PlanContext) {
        self.object = object
        self.context = context
    }

    private var index: String { object.identity.qualifiedName }
    private var name: String { Identifier.quote(object.identity.name) }
    private var alterTable: String { "ALTER TABLE \(object.identity.qualifiedParent ?? "")" }

    /// The statements behind the creation of the index.
    var creation: [PlanStatement] { marks(from: nil) + statisticsTargets(from: nil) + comment(from: nil) }

    /// The statements for an index that stays.
    func changes(from before: CatalogObject) -> [PlanStatement] {
        var statements: [PlanStatement] = []
        let parameters = StorageParameters(before.list(.storageParameters))
        for action in parameters.actions(to: StorageParameters(object.list(.storageParameters))) {
            statements.append(PlanStatement("ALTER INDEX \(index) \(action)", lock: .shareUpdateExclusive))
        }
        if before.text(.tablespace) != object.text(.tablespace) {
            statements.append(
                PlanStatement(
                    "ALTER INDEX \(index) SET TABLESPACE \(Identifier.quote(object.text(.tablespace) ?? "pg_default"))",
                    hazards: [
                        Hazard(
                            .accessExclusiveLock,
                            "nobody can use \(index) while it is copied, and with it no query its table"
                        )
                    ],
                    lock: .accessExclusive
                )
            )
        }
        return statements + marks(from: before) + statisticsTargets(from: before) + comment(from: before)
    }

    /// The attachment to the index of the partitioned table; nothing where the index is a part of none.
    func attachment(from before: CatalogObject?) -> [PlanStatement] {
        guard let whole = object.text(.attachedTo), whole != before?.text(.attachedTo),
            // A table that is attached later takes its indexes along then.
            table?.text(.partitionOf) != nil
        else { return [] }
        return [PlanStatement("ALTER INDEX \(whole) ATTACH PARTITION \(index)", lock: .shareUpdateExclusive)]
    }

    private func marks(from before: CatalogObject?) -> [PlanStatement] {
        var statements: [PlanStatement] = []
        if object.flag(.clustered) != (before?.flag(.clustered) ?? false) {
            if object.flag(.clustered) {
                statements.append(PlanStatement("\(alterTable) CLUSTER ON \(name)", lock: .shareUpdateExclusive))
            } else if !isMarked(.clustered) {
                statements.append(PlanStatement("\(alterTable) SET WITHOUT CLUSTER", lock: .shareUpdateExclusive))
            }
        }
        if object.flag(.replicaIdentity) != (before?.flag(.replicaIdentity) ?? false) {
            if object.flag(.replicaIdentity) {
                statements.append(
                    PlanStatement("\(alterTable) REPLICA IDENTITY USING INDEX \(name)", lock: .accessExclusive)
                )
            } else if !isMarked(.replicaIdentity), table?.text(.replicaIdentity) == nil {
                statements.append(PlanStatement("\(alterTable) REPLICA IDENTITY DEFAULT", lock: .accessExclusive))
            }
        }
        return statements
    }

    private var table: CatalogObject? {
        context.to[ObjectIdentity(.table, schema: object.identity.schema, object.identity.parent ?? "")]
    }

    /// Whether another index of the table is to bear a mark that only one can bear.
    private func isMarked(_ mark: AttributeName) -> Bool {
        let table = ObjectIdentity(.table, schema: object.identity.schema, object.identity.parent ?? "")
        return [CatalogKind.index, .constraint].contains { kind in
            context.to.children(of: table, kind: kind).contains { $0.flag(mark) }
        }
    }

    private func statisticsTargets(from before: CatalogObject?) -> [PlanStatement] {
        func targets(_ object: CatalogObject?) -> [String: String] {
            Dictionary(
                (object?.list(.statistics) ?? []).map { entry in
                    let parts = entry.split(separator: " ")
                    return (String(parts[0]), String(parts[1]))
                },
                uniquingKeysWith: { $1 }
            )
        }
        let from = targets(before)
        let to = targets(object)
        return Set(from.keys).union(to.keys).sorted().filter { from[$0] != to[$0] }.map { column in
            PlanStatement(
                "ALTER INDEX \(index) ALTER COLUMN \(column) SET STATISTICS \(to[column] ?? "-1")",
                lock: .shareUpdateExclusive
            )
        }
    }

    private func comment(from before: CatalogObject?) -> [PlanStatement] {
        let comment = object.text(.indexComment)
        guard comment != before?.text(.indexComment) else { return [] }
        return [PlanStatement("COMMENT ON INDEX \(index) IS \(comment.map(StringLiteral.quote) ?? "NULL")")]
    }
}
