import Catalog
import SQLSyntax

/// From the privileges that are to those that are wanted, in the fewest `GRANT`s and `REVOKE`s that the server takes.
struct PrivilegeChange {
    /// Who has a privilege.
    ///
    /// The owner is one whose name may change, or may not be known.
    private enum Grantee: Hashable {
        case owner
        case everybody
        case role(String)

        init(_ name: String?, owner: String?) {
            self = name.map { $0 == owner ? .owner : .role($0) } ?? .everybody
        }

        var order: String {
            switch self {
            case .owner: "0"
            case .everybody: "1"
            case .role(let name): "2" + name
            }
        }
    }

    /// Who gave to whom; no grantor stands for the owner.
    private struct Grant: Hashable {
        let grantee: Grantee
        let grantor: String?
    }

    private typealias Privileges = [AccessControlItem.Privilege: Bool]

    private let object: CatalogObject
    private let context: PlanContext
    private let isNew: Bool
    /// Whether the owner changes.
    private let isHandedOver: Bool
    private let from: [Grant: Privileges]
    private let to: [Grant: Privileges]
    private let owner: String?
    /// Roles that may have got privileges at the object's creation, from the default privileges of whoever created it.
    private let unsure: [Grantee]

    init(from before: CatalogObject?, to after: CatalogObject, in context: PlanContext) {
        object = after
        self.context = context
        isNew = before == nil
        let version = context.from.serverVersion
        let kind = after.identity.kind
        let former = Self.owner(of: before, in: context.from)
        let owner = Self.owner(of: after, in: context.to)
        isHandedOver = before != nil && former != owner
        self.owner = owner
        var standard: [Grant: Privileges] = [:]
        for (grantee, privileges) in [(Grantee.owner, kind.ownerPrivileges), (.everybody, kind.publicPrivileges)]
        where !privileges.isEmpty {
            standard[Grant(grantee: grantee, grantor: nil)] = Dictionary(
                uniqueKeysWithValues: privileges.filter { $0.isKnown(to: version) }.map { ($0, false) }
            )
        }
        func state(of object: CatalogObject?, owner: String?) -> [Grant: Privileges] {
            var state = standard
            for item in object?.accessControl ?? [] {
                state[Grant(grantee: Grantee(item.grantee, owner: owner), grantor: item.grantor)] =
                    item.privileges.filter { $0.key.isKnown(to: version) }
            }
            return state
        }
        let from = state(of: before, owner: before == nil ? owner : former)
        self.from = isHandedOver ? Self.handedOver(from, to: owner) : from
        to = state(of: after, owner: owner)
        // What the owner was given before it owned the object is a part of its own by now.
        unsure =
            before == nil
            ? Self.defaultGrantees(of: after, in: context.from).filter { grantee in
                owner.map { grantee != .role($0) } ?? true
            } : []
    }

    /// The statements, those that take before those that give.
    var statements: [PlanStatement] {
        // With its table a column changes hands; what that does to it is put right there.
        guard object.identity.kind.grantName != nil, !(isColumn && isHandedOver) else { return [] }
        return ownStatements + (isHandedOver ? columns.flatMap { $0.ownStatements } : [])
    }

    private var ownStatements: [PlanStatement] {
        let places = Dictionary(
            object.granteesInOrder.enumerated().map { (Grantee($0.element, owner: owner), $0.offset) },
            uniquingKeysWith: min
        )
        let order = Set(from.keys).union(to.keys).sorted { left, right in
            let (leftDepth, rightDepth) = (depth(of: left), depth(of: right))
            guard leftDepth == rightDepth else { return leftDepth < rightDepth }
            let (leftPlace, rightPlace) = (places[left.grantee] ?? -1, places[right.grantee] ?? -1)
            return leftPlace == rightPlace ? Self.isBefore(left, right) : leftPlace < rightPlace
        }
        var from = from
        var statements: [PlanStatement] = []
        for grantee in unsure {
            statements.append(statement("REVOKE", "ALL", nil, Grant(grantee: grantee, grantor: nil)))
            from[Grant(grantee: grantee, grantor: nil)] = [:]
        }
        // What was passed on goes before the right to pass it on.
        for grant in order.reversed() { statements += revocations(of: grant, from: from) }
        statements += regrantsToColumns(from: from)
        for grant in order { statements += grants(of: grant, from: from) }
        return statements
    }

    private func revocations(of grant: Grant, from: [Grant: Privileges]) -> [PlanStatement] {
        let before = from[grant] ?? [:]
        let after = to[grant] ?? [:]
        let taken = before.filter { after[$0.key] == nil }.keys
        let limited = before.filter { $0.value && after[$0.key] == false }.keys
        var statements: [PlanStatement] = []
        if !taken.isEmpty {
            let words = after.isEmpty && !isColumn ? "ALL" : list(taken)
            statements += asGrantor(grant, statement("REVOKE", words, nil, grant))
        }
        if !limited.isEmpty {
            statements += asGrantor(grant, statement("REVOKE", list(limited), "GRANT OPTION FOR", grant))
        }
        return statements
    }

    private func grants(of grant: Grant, from: [Grant: Privileges]) -> [PlanStatement] {
        let before = from[grant] ?? [:]
        let after = to[grant] ?? [:]
        let plain = after.filter { !$0.value && before[$0.key] == nil }.keys
        let passable = after.filter { $0.value && before[$0.key] != true }.keys
        var statements: [PlanStatement] = []
        if !plain.isEmpty { statements += asGrantor(grant, statement("GRANT", list(plain), nil, grant)) }
        if !passable.isEmpty {
            statements += asGrantor(grant, statement("GRANT", list(passable), "WITH GRANT OPTION", grant))
        }
        return statements
    }

    /// To take a privilege on a table takes it on all of its columns: those that should keep it get it again.
    private func regrantsToColumns(from: [Grant: Privileges]) -> [PlanStatement] {
        guard !isNew, object.identity.kind.ownerPrivileges.contains(.select) else { return [] }
        let lost = from.filter { grant, privileges in privileges.keys.contains { to[grant]?[$0] == nil } }
        guard !lost.isEmpty else { return [] }
        return columns.map(\.object).flatMap { column in
            column.accessControl
                .filter { lost[Grant(grantee: Grantee($0.grantee, owner: owner), grantor: $0.grantor)] != nil }
                .flatMap { item in
                    let grant = Grant(grantee: Grantee(item.grantee, owner: owner), grantor: item.grantor)
                    return PrivilegeChange(of: column, ownedBy: owner, giving: [grant: item.privileges], in: context)
                        .grants(of: grant, from: [:])
                }
        }
    }

    /// The changes of the columns that stay.
    private var columns: [PrivilegeChange] {
        guard object.identity.kind.ownerPrivileges.contains(.select) else { return [] }
        let columns =
            context.to.children(of: object.identity, kind: .column)
            + context.to.children(of: object.identity, kind: .viewColumn)
        return columns.filter { !context.isNew($0.identity) }.map { column in
            PrivilegeChange(from: context.from[column.identity], to: column, in: context)
        }
    }

    /// The owner of an object; that of its table for a column.
    private static func owner(of object: CatalogObject?, in catalog: Catalog) -> String? {
        guard let object else { return nil }
        let parent = catalog.parent(of: object.identity)
        return object.text(.owner) ?? parent.flatMap { catalog[$0]?.text(.owner) }
    }

    private init(
        of object: CatalogObject,
        ownedBy owner: String?,
        giving to: [Grant: Privileges],
        in context: PlanContext
    ) {
        self.object = object
        self.owner = owner
        self.context = context
        self.to = to
        isNew = true
        isHandedOver = false
        from = [:]
        unsure = []
    }

    private var isColumn: Bool { [.column, .viewColumn].contains(object.identity.kind) }

    private func list(_ privileges: some Sequence<AccessControlItem.Privilege>) -> String {
        let privileges = Set(privileges)
        let column = isColumn ? " (\(Identifier.quote(object.identity.name)))" : ""
        return AccessControlItem.Privilege.allCases.filter(privileges.contains).map { $0.word + column }
            .joined(separator: ", ")
    }

    private func statement(_ verb: String, _ privileges: String, _ option: String?, _ grant: Grant) -> PlanStatement {
        let identity = object.identity
        let target =
            (identity.kind.grantName ?? "") + " "
            + (isColumn
                ? identity.qualifiedParent ?? ""
                : identity.kind == .aggregate ? identity.qualifiedName : identity.sqlReference)
        let role: String =
            switch grant.grantee {
            case .owner: owner.map(Identifier.quote) ?? "CURRENT_ROLE"
            case .everybody: "PUBLIC"
            case .role(let name): Identifier.quote(name)
            }
        let sql =
            verb == "GRANT"
            ? "GRANT \(privileges) ON \(target) TO \(role)" + (option.map { " \($0)" } ?? "")
            : "REVOKE \(option.map { "\($0) " } ?? "")\(privileges) ON \(target) FROM \(role)"
        let message =
            "\(grant.grantee == .everybody ? "everybody" : role) \(verb == "GRANT" ? "gets" : "loses") \(privileges) on \(identity)"
        return PlanStatement(sql, hazards: isNew ? [] : [Hazard(.authorisationChange, message)])
    }

    /// Only the grantor's own session gives and takes in its name.
    private func asGrantor(_ grant: Grant, _ statement: PlanStatement) -> [PlanStatement] {
        guard let grantor = grant.grantor else { return [statement] }
        return [PlanStatement("SET ROLE \(Identifier.quote(grantor))"), statement, PlanStatement("RESET ROLE")]
    }

    /// How many hands lie between the owner and a grant.
    private func depth(of grant: Grant) -> Int {
        var depth = 0
        var seen: Set<String> = []
        var grantor = grant.grantor
        while let name = grantor, seen.insert(name).inserted {
            depth += 1
            let sources = Set(from.keys).union(to.keys).filter { $0.grantee == .role(name) }
            grantor = sources.contains { $0.grantor == nil } ? nil : sources.compactMap(\.grantor).min()
        }
        return depth
    }

    private static func isBefore(_ left: Grant, _ right: Grant) -> Bool {
        let names = [left, right].map { [$0.grantee.order, $0.grantor ?? ""] }
        return names[0].lexicographicallyPrecedes(names[1])
    }

    /// What the server makes of privileges when the owner changes: the new one stands in the old one's place.
    private static func handedOver(_ grants: [Grant: Privileges], to owner: String?) -> [Grant: Privileges] {
        var result: [Grant: Privileges] = [:]
        for (grant, privileges) in grants {
            let isNewOwner = owner.map { grant.grantee == .role($0) } ?? false
            let grant = Grant(
                grantee: isNewOwner ? .owner : grant.grantee,
                grantor: grant.grantor == owner ? nil : grant.grantor
            )
            result[grant, default: [:]].merge(privileges) { $0 || $1 }
        }
        return result
    }

    /// The roles that default privileges name for objects of this kind; who creates the object is known only later.
    private static func defaultGrantees(of object: CatalogObject, in catalog: Catalog) -> [Grantee] {
        guard let word = object.identity.kind.defaultPrivilegesName else { return [] }
        var grantees: Set<Grantee> = []
        for rule in catalog.objects(of: .defaultPrivileges)
        where rule.identity.signature == word
            && (rule.identity.schema == nil || rule.identity.schema == object.identity.schema)
        {
            for item in rule.accessControl {
                grantees.insert(Grantee(item.grantee, owner: rule.identity.name))
            }
        }
        return grantees.sorted { $0.order < $1.order }
    }
}
