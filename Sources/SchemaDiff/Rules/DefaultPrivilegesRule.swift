import Catalog
import Postgres
import SQLSyntax

/// Default privileges: what a role's future objects are open to.
struct DefaultPrivilegesRule: KindRule {
    let kinds: Set<CatalogKind> = [.defaultPrivileges]

    func create(_ object: CatalogObject, in context: PlanContext) -> [PlanStatement] {
        statements(of: object.identity, from: [], to: object.inOrder, isNew: true, in: context)
    }

    func drop(_ object: CatalogObject, in context: PlanContext) -> [PlanStatement] {
        statements(of: object.identity, from: object.accessControl, to: [], isNew: false, in: context)
    }

    /// Nothing but privileges is said of them, which ``CommonAttributes`` sees to.
    func alter(_ change: ObjectChange, in context: PlanContext) -> Alteration { .inPlace([]) }

    /// The statements that make some default privileges others.
    func statements(from: CatalogObject, to: CatalogObject, in context: PlanContext) -> [PlanStatement] {
        statements(of: to.identity, from: from.accessControl, to: to.inOrder, isNew: false, in: context)
    }

    private func statements(
        of identity: ObjectIdentity,
        from: [AccessControlItem],
        to: [AccessControlItem],
        isNew: Bool,
        in context: PlanContext
    ) -> [PlanStatement] {
        let before = Dictionary(from.map { ($0.grantee, $0.privileges) }) { $1 }
        let after = Dictionary(to.map { ($0.grantee, $0.privileges) }) { $1 }
        let places = Dictionary(to.enumerated().map { ($0.element.grantee, $0.offset) }, uniquingKeysWith: min)
        let grantees = Set(before.keys).union(after.keys).sorted { left, right in
            let (leftPlace, rightPlace) = (places[left] ?? -1, places[right] ?? -1)
            return leftPlace == rightPlace ? (left ?? "") < (right ?? "") : leftPlace < rightPlace
        }
        return grantees.filter { before[$0] != after[$0] }.flatMap { grantee in
            let standard = builtIn(identity, grantee, on: context.from.serverVersion)
            let wanted = after[grantee]?.filter { $0.key.isKnown(to: context.from.serverVersion) } ?? standard
            let target = "ON \((identity.signature ?? "").uppercased())"
            let role = grantee.map(Identifier.quote) ?? "PUBLIC"
            let schema = identity.schema.map { " IN SCHEMA \(Identifier.quote($0))" } ?? ""
            let alter = "ALTER DEFAULT PRIVILEGES FOR ROLE \(Identifier.quote(identity.name))\(schema)"
            let hazards =
                isNew
                ? []
                : [Hazard(.authorisationChange, "\(grantee ?? "everybody") has other privileges on what comes later")]
            func words(_ privileges: [AccessControlItem.Privilege: Bool]) -> String {
                AccessControlItem.Privilege.allCases.filter { privileges[$0] != nil }.map(\.word).joined(
                    separator: ", "
                )
            }
            var statements: [PlanStatement] = []
            if !(before[grantee] ?? standard).isEmpty {
                statements.append(PlanStatement("\(alter) REVOKE ALL \(target) FROM \(role)", hazards: hazards))
            }
            let plain = wanted.filter { !$0.value }
            let passable = wanted.filter(\.value)
            if !plain.isEmpty {
                statements.append(
                    PlanStatement("\(alter) GRANT \(words(plain)) \(target) TO \(role)", hazards: hazards)
                )
            }
            if !passable.isEmpty {
                statements.append(
                    PlanStatement(
                        "\(alter) GRANT \(words(passable)) \(target) TO \(role) WITH GRANT OPTION",
                        hazards: hazards
                    )
                )
            }
            return statements
        }
    }

    /// What a role has without default privileges of its own; nothing within one schema, where they only add.
    private func builtIn(
        _ identity: ObjectIdentity,
        _ grantee: String?,
        on server: ServerVersion
    ) -> [AccessControlItem.Privilege: Bool] {
        guard identity.schema == nil else { return [:] }
        let kind: CatalogKind =
            switch identity.signature {
            case "tables": .table
            case "sequences": .sequence
            case "functions": .function
            case "types": .enumeration
            default: .schema
            }
        let privileges =
            grantee == nil ? kind.publicPrivileges : grantee == identity.name ? kind.ownerPrivileges : []
        return Dictionary(uniqueKeysWithValues: privileges.filter { $0.isKnown(to: server) }.map { ($0, false) })
    }
}

extension CatalogObject {
    /// What its privileges differ in from the default ones, in the order in which they were given.
    fileprivate var inOrder: [AccessControlItem] {
        let items = Dictionary(grouping: accessControl, by: \.grantee)
        var seen: Set<String?> = []
        return granteesInOrder.filter { seen.insert($0).inserted }.flatMap { items[$0] ?? [] }
    }
}
