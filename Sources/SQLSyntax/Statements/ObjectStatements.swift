import CPgQuery

/// An object of any kind, as DROP, COMMENT and the like name it.
public struct ObjectReference: Hashable, Sendable {
    /// The object's kind.
    public let kind: ObjectKind
    /// The object's name.
    ///
    /// A column, a constraint, a trigger, a rule or a policy has no schema of its own: see ``relation``.
    public let name: QualifiedName
    /// The relation that the object belongs to; nil for an object that stands by itself.
    public let relation: QualifiedName?
    /// The types of a function's arguments; nil where none are written, or the object takes none.
    public let arguments: [TypeReference]?

    /// Makes a reference from its parts.
    public init(kind: ObjectKind, name: QualifiedName, relation: QualifiedName?, arguments: [TypeReference]?) {
        self.kind = kind
        self.name = name
        self.relation = relation
        self.arguments = arguments
    }
}

/// `DROP …` of most kinds of objects; databases, tablespaces, subscriptions and roles have their own.
public struct Drop: Hashable, Sendable {
    /// What is dropped.
    public let kind: ObjectKind
    /// The objects.
    public let objects: [ObjectReference]
    /// Whether a missing object is no error.
    public let ifExists: Bool
    /// Whether an index is dropped CONCURRENTLY.
    public let isConcurrent: Bool
    /// Whether what depends on them is dropped too.
    public let cascades: Bool
}

/// `ALTER … RENAME …`.
public struct Rename: Hashable, Sendable {
    /// What is renamed.
    public let object: ObjectReference
    /// The new name.
    public let newName: String
    /// Whether a missing relation is no error.
    public let ifExists: Bool
}

/// `ALTER … OWNER TO …` and `ALTER … SET SCHEMA …`; for tables, OWNER TO is an ``AlterTable``.
public struct MoveObject: Hashable, Sendable {
    /// What is moved.
    public let object: ObjectReference
    /// The new owner or schema.
    public let destination: String
    /// Whether a missing object is passed over; an owner is never given so.
    public var ifExists = false
}

/// `COMMENT ON …` and `SECURITY LABEL … ON …`.
public struct Annotate: Hashable, Sendable {
    /// What is annotated.
    public let object: ObjectReference
    /// The text; nil where it is removed.
    public let text: String?
}

extension NodeReader {
    func drop(_ statement: PgQuery__DropStmt) -> Drop {
        let kind = ObjectKind(statement.remove_type)
        return Drop(
            kind: kind,
            objects: list(statement.objects, statement.n_objects).map { object(kind, $0) },
            ifExists: statement.missing_ok != 0,
            isConcurrent: statement.concurrent != 0,
            cascades: statement.behavior == PG_QUERY__DROP_BEHAVIOR__DROP_CASCADE
        )
    }

    func rename(_ statement: PgQuery__RenameStmt) -> Rename {
        let kind = ObjectKind(statement.rename_type)
        let object: ObjectReference
        if let relation = relation(statement.relation)?.name {
            // A column, constraint, trigger or rule is a sub-name of its relation.
            let part = text(statement.subname)
            object = ObjectReference(
                kind: kind,
                name: part.map { QualifiedName(name: $0) } ?? relation,
                relation: part == nil ? nil : relation,
                arguments: nil
            )
        } else if let node = statement.object {
            object = self.object(kind, node)
        } else {
            let name = QualifiedName(name: text(statement.subname) ?? "")
            object = ObjectReference(kind: kind, name: name, relation: nil, arguments: nil)
        }
        return Rename(object: object, newName: text(statement.newname) ?? "", ifExists: statement.missing_ok != 0)
    }

    func changeOwner(_ statement: PgQuery__AlterOwnerStmt) -> MoveObject {
        MoveObject(
            object: object(ObjectKind(statement.object_type), statement.object, relation: statement.relation),
            destination: role(statement.newowner) ?? ""
        )
    }

    func changeSchema(_ statement: PgQuery__AlterObjectSchemaStmt) -> MoveObject {
        MoveObject(
            object: object(ObjectKind(statement.object_type), statement.object, relation: statement.relation),
            destination: text(statement.newschema) ?? "",
            ifExists: statement.missing_ok != 0
        )
    }

    private func object(
        _ kind: ObjectKind,
        _ node: Node?,
        relation variable: UnsafeMutablePointer<PgQuery__RangeVar>?
    ) -> ObjectReference {
        if let node { return object(kind, node) }
        let name = relation(variable)?.name ?? QualifiedName(name: "")
        return ObjectReference(kind: kind, name: name, relation: nil, arguments: nil)
    }

    func object(_ kind: ObjectKind, _ node: Node) -> ObjectReference {
        var parts: [String]
        var arguments: [TypeReference]?
        switch node.pointee.node_case {
        case PG_QUERY__NODE__NODE_OBJECT_WITH_ARGS:
            let function = node.pointee.object_with_args.pointee
            parts = strings(function.objname, function.n_objname)
            if function.args_unspecified == 0 {
                arguments = list(function.objargs, function.n_objargs).compactMap { argument in
                    argument.pointee.node_case == PG_QUERY__NODE__NODE_TYPE_NAME
                        ? type(argument.pointee.type_name) : nil
                }
            }
        case PG_QUERY__NODE__NODE_TYPE_NAME:
            parts = strings(node.pointee.type_name.pointee.names, node.pointee.type_name.pointee.n_names)
        case PG_QUERY__NODE__NODE_LIST:
            parts = strings(node.pointee.list.pointee.items, node.pointee.list.pointee.n_items)
        default:
            parts = [value(of: node) ?? ""]
        }
        let belongsToRelation: [ObjectKind] = [
            .column, .tableConstraint, .domainConstraint, .trigger, .rule, .policy, .attribute,
        ]
        guard belongsToRelation.contains(kind), parts.count > 1 else {
            return ObjectReference(kind: kind, name: QualifiedName(parts: parts), relation: nil, arguments: arguments)
        }
        let name = QualifiedName(name: parts.removeLast())
        return ObjectReference(kind: kind, name: name, relation: QualifiedName(parts: parts), arguments: nil)
    }
}
