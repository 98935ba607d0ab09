import CPgQuery

/// Reads the C structures of a tree into Swift values.
///
/// Split over `Statements/`: each file reads the statements whose values it declares.
struct NodeReader {
    typealias Node = UnsafeMutablePointer<PgQuery__Node>
    typealias NodeList = UnsafeMutablePointer<UnsafeMutablePointer<PgQuery__Node>?>

    let tree: UnpackedTree

    init(_ tree: UnpackedTree) {
        self.tree = tree
    }

    static var nodeDescriptor: UnsafePointer<ProtobufCMessageDescriptor>? { lastro_node_descriptor() }

    /// A text of the tree; nil for an empty one, which is how the format writes an absent one.
    static func text(_ pointer: UnsafeMutablePointer<CChar>?) -> String? {
        guard let pointer, pointer.pointee != 0 else { return nil }
        return String(cString: pointer)
    }

    /// The name of an enumerated value, such as `OBJECT_TABLE`.
    static func name(of value: Int32, in descriptor: UnsafePointer<ProtobufCEnumDescriptor>?) -> String? {
        protobuf_c_enum_descriptor_get_value(descriptor, value).map { String(cString: $0.pointee.name) }
    }

    func text(_ pointer: UnsafeMutablePointer<CChar>?) -> String? { Self.text(pointer) }

    func list(_ start: NodeList?, _ count: Int) -> [Node] {
        UnsafeBufferPointer(start: start, count: count).compactMap { $0 }
    }

    /// The texts of a list of strings, such as the parts of a name.
    func strings(_ start: NodeList?, _ count: Int) -> [String] {
        list(start, count).map { value(of: $0) ?? "" }
    }

    func name(_ start: NodeList?, _ count: Int) -> QualifiedName {
        QualifiedName(parts: strings(start, count))
    }

    /// The byte of the script for a place in the parsed text; nil where the parser keeps none.
    func location(_ offset: Int32) -> Int? {
        offset >= 0 ? tree.base + Int(offset) : nil
    }

    func relation(_ variable: UnsafeMutablePointer<PgQuery__RangeVar>?) -> RelationReference? {
        guard let variable = variable?.pointee, let name = text(variable.relname) else { return nil }
        return RelationReference(
            name: QualifiedName(schema: text(variable.schemaname), name: name),
            location: location(variable.location),
            alias: variable.alias.flatMap { text($0.pointee.aliasname) },
            isOnly: variable.inh == 0
        )
    }

    func relations(_ start: NodeList?, _ count: Int) -> [RelationReference] {
        list(start, count).compactMap { node in
            switch node.pointee.node_case {
            case PG_QUERY__NODE__NODE_RANGE_VAR: relation(node.pointee.range_var)
            case PG_QUERY__NODE__NODE_VACUUM_RELATION: relation(node.pointee.vacuum_relation.pointee.relation)
            default: nil
            }
        }
    }

    func role(_ specification: UnsafeMutablePointer<PgQuery__RoleSpec>?) -> String? {
        guard let role = specification?.pointee else { return nil }
        return switch role.roletype {
        case PG_QUERY__ROLE_SPEC_TYPE__ROLESPEC_CURRENT_ROLE: "CURRENT_ROLE"
        case PG_QUERY__ROLE_SPEC_TYPE__ROLESPEC_CURRENT_USER: "CURRENT_USER"
        case PG_QUERY__ROLE_SPEC_TYPE__ROLESPEC_SESSION_USER: "SESSION_USER"
        case PG_QUERY__ROLE_SPEC_TYPE__ROLESPEC_PUBLIC: "PUBLIC"
        default: text(role.rolename)
        }
    }

    func roles(_ start: NodeList?, _ count: Int) -> [String] {
        list(start, count).compactMap { node in
            switch node.pointee.node_case {
            case PG_QUERY__NODE__NODE_ROLE_SPEC: role(node.pointee.role_spec)
            case PG_QUERY__NODE__NODE_ACCESS_PRIV: text(node.pointee.access_priv.pointee.priv_name)
            default: nil
            }
        }
    }

    func options(_ start: NodeList?, _ count: Int) -> [StatementOption] {
        list(start, count).compactMap { node in
            guard node.pointee.node_case == PG_QUERY__NODE__NODE_DEF_ELEM else { return nil }
            return option(node.pointee.def_elem.pointee)
        }
    }

    func option(_ element: PgQuery__DefElem) -> StatementOption {
        StatementOption(
            name: [text(element.defnamespace), text(element.defname)].compactMap { $0 }.joined(separator: "."),
            value: element.arg.flatMap { value(of: $0) }
        )
    }

    /// What a simple node says, as text; nil for one that is no constant, name or type.
    func value(of node: Node) -> String? {
        let node = node.pointee
        switch node.node_case {
        case PG_QUERY__NODE__NODE_STRING: return String(cString: node.string.pointee.sval)
        case PG_QUERY__NODE__NODE_INTEGER: return "\(node.integer.pointee.ival)"
        case PG_QUERY__NODE__NODE_FLOAT: return String(cString: node.float_.pointee.fval)
        case PG_QUERY__NODE__NODE_BOOLEAN: return node.boolean.pointee.boolval != 0 ? "true" : "false"
        case PG_QUERY__NODE__NODE_A_CONST: return constant(node.a_const.pointee)
        case PG_QUERY__NODE__NODE_A_STAR: return "*"
        case PG_QUERY__NODE__NODE_TYPE_NAME: return type(node.type_name)?.description
        case PG_QUERY__NODE__NODE_TYPE_CAST: return node.type_cast.pointee.arg.flatMap { value(of: $0) }
        case PG_QUERY__NODE__NODE_ROLE_SPEC: return role(node.role_spec)
        case PG_QUERY__NODE__NODE_RANGE_VAR: return relation(node.range_var)?.name.description
        case PG_QUERY__NODE__NODE_LIST:
            return strings(node.list.pointee.items, node.list.pointee.n_items).joined(separator: ".")
        default: return nil
        }
    }

    private func constant(_ constant: PgQuery__AConst) -> String? {
        if constant.isnull != 0 { return nil }
        return switch constant.val_case {
        case PG_QUERY__A__CONST__VAL_IVAL: "\(constant.ival.pointee.ival)"
        case PG_QUERY__A__CONST__VAL_FVAL: String(cString: constant.fval.pointee.fval)
        case PG_QUERY__A__CONST__VAL_BOOLVAL: constant.boolval.pointee.boolval != 0 ? "true" : "false"
        case PG_QUERY__A__CONST__VAL_SVAL: String(cString: constant.sval.pointee.sval)
        case PG_QUERY__A__CONST__VAL_BSVAL: String(cString: constant.bsval.pointee.bsval)
        default: nil
        }
    }
}
