import CPgQuery

/// Turns the nodes of one statement into values.
struct TreeReader: Sendable {
    /// The statement that is read: the parser counts from its first byte.
    let statement: SQLStatement

    typealias List = UnsafeMutablePointer<UnsafeMutablePointer<PgQuery__Node>?>

    /// A text; nil if it is empty, which is how the tree says that there is none.
    func text(_ pointer: UnsafeMutablePointer<CChar>?) -> String? {
        guard let pointer, pointer.pointee != 0 else { return nil }
        return String(cString: pointer)
    }

    /// The elements of a list.
    func nodes(_ count: Int, _ list: List?) -> [PgQuery__Node] {
        guard let list else { return [] }
        return (0..<count).compactMap { list[$0]?.pointee }
    }

    /// The texts of a list of names.
    func texts(_ count: Int, _ list: List?) -> [String] { nodes(count, list).compactMap(word) }

    func name(_ count: Int, _ list: List?) -> QualifiedName { QualifiedName(parts: texts(count, list)) }

    /// The byte in the script of a place in the tree; nil if it has none.
    func offset(_ location: Int32) -> Int? {
        // Nodes that never get a place have 0 for it, where no part of a statement can begin: its first word stands there.
        let offset = statement.range.lowerBound + Int(location)
        return location > 0 && statement.range.contains(offset) ? offset : nil
    }

    func relation(_ pointer: UnsafeMutablePointer<PgQuery__RangeVar>?) -> RelationReference? {
        guard let relation = pointer?.pointee else { return nil }
        return RelationReference(
            name: QualifiedName(text(relation.relname) ?? "", in: text(relation.schemaname)),
            offset: offset(relation.location),
            isOnly: relation.inh == 0,
            alias: relation.alias.flatMap { text($0.pointee.aliasname) }
        )
    }

    /// A node that stands for one word: a name, a constant, an option's value.
    func word(_ node: PgQuery__Node) -> String? {
        switch node.node_case {
        case PG_QUERY__NODE__NODE_STRING: text(node.string.pointee.sval) ?? ""
        case PG_QUERY__NODE__NODE_INTEGER: String(node.integer.pointee.ival)
        case PG_QUERY__NODE__NODE_FLOAT: text(node.float_.pointee.fval)
        case PG_QUERY__NODE__NODE_BOOLEAN: node.boolean.pointee.boolval != 0 ? "true" : "false"
        case PG_QUERY__NODE__NODE_A_CONST: constant(node.a_const.pointee)
        case PG_QUERY__NODE__NODE_TYPE_NAME: type(node.type_name)?.text
        case PG_QUERY__NODE__NODE_A_STAR: "*"
        default: nil
        }
    }

    /// A constant as text; nil for NULL.
    func constant(_ constant: PgQuery__AConst) -> String? {
        guard constant.isnull == 0 else { return nil }
        switch constant.val_case {
        case PG_QUERY__A__CONST__VAL_IVAL: return String(constant.ival.pointee.ival)
        case PG_QUERY__A__CONST__VAL_FVAL: return text(constant.fval.pointee.fval)
        case PG_QUERY__A__CONST__VAL_BOOLVAL: return constant.boolval.pointee.boolval != 0 ? "true" : "false"
        case PG_QUERY__A__CONST__VAL_SVAL: return text(constant.sval.pointee.sval) ?? ""
        case PG_QUERY__A__CONST__VAL_BSVAL: return text(constant.bsval.pointee.bsval)
        default: return nil
        }
    }
}
