import CPgQuery

/// `DROP` of objects in a schema or database; that of databases, tablespaces and subscriptions has cases of its own.
public struct DropStatement: Hashable, Sendable {
    /// The kind of the objects.
    public let kind: ObjectKind
    /// The objects.
    public let objects: [ObjectReference]
    /// Whether `IF EXISTS` lets it pass if there are no such objects.
    public let ifExists: Bool
    /// Whether `CASCADE` takes along what depends on them.
    public let isCascade: Bool
    /// Whether an index is dropped without stopping reads and writes.
    public let isConcurrent: Bool
}

/// `ALTER … RENAME`.
public struct RenameStatement: Hashable, Sendable {
    /// The kind of what gets the new name.
    public let kind: ObjectKind
    /// The relation that gets the name, or in which the column, constraint, trigger, policy or rule is that gets it.
    public let relation: RelationReference?
    /// The object that gets the name, where ``relation`` says nothing.
    public let object: ObjectReference?
    /// The name until now.
    public let oldName: String
    /// The name from now on.
    public let newName: String
    /// Whether `IF EXISTS` lets it pass if there is no such object.
    public let ifExists: Bool
}

/// `ALTER … SET SCHEMA`.
public struct SetSchemaStatement: Hashable, Sendable {
    /// The kind of the object.
    public let kind: ObjectKind
    /// The object that moves.
    public let object: ObjectReference
    /// The schema to which it moves.
    public let newSchema: String
    /// Whether `IF EXISTS` lets it pass if there is no such object.
    public let ifExists: Bool
}

/// `ALTER … OWNER TO`; for tables and the like it is a command of ``AlterTableStatement``.
public struct SetOwnerStatement: Hashable, Sendable {
    /// The kind of the object.
    public let kind: ObjectKind
    /// The object.
    public let object: ObjectReference
    /// The role that owns it from now on.
    public let newOwner: String
}

/// `COMMENT ON`.
public struct CommentStatement: Hashable, Sendable {
    /// The kind of the object.
    public let kind: ObjectKind
    /// The object.
    public let object: ObjectReference
    /// What is said about it; nil if the comment is taken away.
    public let text: String?
}

extension TreeReader {
    func drop(_ drop: PgQuery__DropStmt) -> SQLNode {
        let kind = ObjectKind(drop.remove_type)
        return .drop(
            DropStatement(
                kind: kind,
                objects: objects(kind, drop.n_objects, drop.objects),
                ifExists: drop.missing_ok != 0,
                isCascade: drop.behavior == PG_QUERY__DROP_BEHAVIOR__DROP_CASCADE,
                isConcurrent: drop.concurrent != 0
            )
        )
    }

    func rename(_ rename: PgQuery__RenameStmt) -> SQLNode {
        let kind = ObjectKind(rename.rename_type)
        let relation = relation(rename.relation)
        let oldName = text(rename.subname)
        var object = rename.object.flatMap { self.object(kind, $0.pointee) }
        if kind == .domainConstraint, let domain = object, let oldName {
            object = ObjectReference(kind: kind, name: QualifiedName(oldName), owner: domain.name, arguments: nil)
        } else if relation == nil, object == nil, let oldName {
            object = ObjectReference(kind: kind, name: QualifiedName(oldName), owner: nil, arguments: nil)
        }
        return .rename(
            RenameStatement(
                kind: kind,
                relation: relation,
                object: object,
                oldName: oldName ?? relation?.name.name ?? object?.name.name ?? "",
                newName: text(rename.newname) ?? "",
                ifExists: rename.missing_ok != 0
            )
        )
    }

    func setSchema(_ alter: PgQuery__AlterObjectSchemaStmt) -> SQLNode {
        let kind = ObjectKind(alter.object_type)
        guard let object = object(kind, alter.relation, alter.object) else {
            return .other(kind: "AlterObjectSchemaStmt")
        }
        return .setSchema(
            SetSchemaStatement(
                kind: kind,
                object: object,
                newSchema: text(alter.newschema) ?? "",
                ifExists: alter.missing_ok != 0
            )
        )
    }

    func setOwner(_ alter: PgQuery__AlterOwnerStmt) -> SQLNode {
        let kind = ObjectKind(alter.object_type)
        guard let object = object(kind, alter.relation, alter.object) else { return .other(kind: "AlterOwnerStmt") }
        return .setOwner(SetOwnerStatement(kind: kind, object: object, newOwner: role(alter.newowner)))
    }

    func comment(_ comment: PgQuery__CommentStmt) -> SQLNode {
        let kind = ObjectKind(comment.objtype)
        guard let object = object(kind, nil, comment.object) else { return .other(kind: "CommentStmt") }
        return .comment(CommentStatement(kind: kind, object: object, text: text(comment.comment)))
    }

    private func object(
        _ kind: ObjectKind,
        _ relation: UnsafeMutablePointer<PgQuery__RangeVar>?,
        _ node: UnsafeMutablePointer<PgQuery__Node>?
    ) -> ObjectReference? {
        self.relation(relation).map { ObjectReference(kind: kind, name: $0.name, owner: nil, arguments: nil) }
            ?? node.flatMap { object(kind, $0.pointee) }
    }
}
