import CPgQuery

/// An object of any kind, where a statement names it.
public struct ObjectReference: Hashable, Sendable {
    /// The kind of the object.
    public let kind: ObjectKind
    /// The object's own name.
    public let name: QualifiedName
    /// The table, view or domain to which a column, constraint, trigger, policy or rule belongs.
    public let owner: QualifiedName?
    /// The types of a function's or aggregate's arguments, in PostgreSQL's words; nil if none were written.
    public let arguments: [String]?
}

extension TreeReader {
    /// The objects of a list, as in DROP.
    func objects(_ kind: ObjectKind, _ count: Int, _ list: List?) -> [ObjectReference] {
        nodes(count, list).compactMap { object(kind, $0) }
    }

    /// An object that is named by a node of whatever type the grammar has for its kind.
    func object(_ kind: ObjectKind, _ node: PgQuery__Node) -> ObjectReference? {
        switch node.node_case {
        case PG_QUERY__NODE__NODE_LIST:
            return object(kind, list: nodes(node.list.pointee.n_items, node.list.pointee.items))
        case PG_QUERY__NODE__NODE_TYPE_NAME:
            return type(node.type_name).map { ObjectReference(kind: kind, name: $0.name, owner: nil, arguments: nil) }
        case PG_QUERY__NODE__NODE_OBJECT_WITH_ARGS:
            let object = node.object_with_args.pointee
            let types = nodes(object.n_objargs, object.objargs).map { word($0) ?? "NONE" }
            return ObjectReference(
                kind: kind,
                name: name(object.n_objname, object.objname),
                owner: nil,
                arguments: object.args_unspecified != 0 ? nil : types
            )
        case PG_QUERY__NODE__NODE_RANGE_VAR:
            return relation(node.range_var).map {
                ObjectReference(kind: kind, name: $0.name, owner: nil, arguments: nil)
            }
        case PG_QUERY__NODE__NODE_ROLE_SPEC:
            return ObjectReference(kind: kind, name: QualifiedName(role(node.role_spec)), owner: nil, arguments: nil)
        default:
            return word(node).map { ObjectReference(kind: kind, name: QualifiedName($0), owner: nil, arguments: nil) }
        }
    }

    private func object(_ kind: ObjectKind, list: [PgQuery__Node]) -> ObjectReference? {
        var parts = list.compactMap(word)
        var owner: QualifiedName?
        switch kind {
        case .column, .tableConstraint, .trigger, .policy, .rule, .domainConstraint:
            guard parts.count > 1, let name = parts.popLast() else { break }
            // A domain is given as a type, already one word; a table as its parts.
            owner =
                kind == .domainConstraint
                ? list.first.flatMap { object(.domain, $0)?.name } : QualifiedName(parts: parts)
            parts = [name]
        case .operatorClass, .operatorFamily:
            // The index's access method stands first.
            parts = Array(parts.dropFirst())
        case .cast, .transform:
            parts = [parts.joined(separator: " AS ")]
        default:
            break
        }
        return ObjectReference(kind: kind, name: QualifiedName(parts: parts), owner: owner, arguments: nil)
    }

    /// A role, by its name or by the word that stands for it.
    func role(_ pointer: UnsafeMutablePointer<PgQuery__RoleSpec>?) -> String {
        guard let role = pointer?.pointee else { return "" }
        return switch role.roletype {
        case PG_QUERY__ROLE_SPEC_TYPE__ROLESPEC_CURRENT_ROLE: "CURRENT_ROLE"
        case PG_QUERY__ROLE_SPEC_TYPE__ROLESPEC_CURRENT_USER: "CURRENT_USER"
        case PG_QUERY__ROLE_SPEC_TYPE__ROLESPEC_SESSION_USER: "SESSION_USER"
        case PG_QUERY__ROLE_SPEC_TYPE__ROLESPEC_PUBLIC: "PUBLIC"
        default: text(role.rolename) ?? ""
        }
    }

    func roles(_ count: Int, _ list: List?) -> [String] {
        nodes(count, list).filter { $0.node_case == PG_QUERY__NODE__NODE_ROLE_SPEC }.map { role($0.role_spec) }
    }
}
