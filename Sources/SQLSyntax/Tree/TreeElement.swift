/// Something that a statement names, wherever in it.
public enum TreeElement: Hashable, Sendable {
    /// A table, view or the like; not the name of a common table expression.
    case relation(RelationReference)
    /// A call of a function.
    case function(FunctionReference)
    /// A column, or `*`.
    case column(ColumnReference)
    /// A type.
    case type(SQLType)
    /// A subquery in an expression, by the byte where it begins.
    case subquery(offset: Int?)
    /// A statement inside the statement: in a common table expression, a rule, a schema, behind EXPLAIN; queries are left out.
    case statement(SQLNode)
}

/// A call of a function, where a statement makes it.
public struct FunctionReference: Hashable, Sendable {
    /// The function's name; for what looks like a keyword the word itself, such as `current_timestamp`.
    public let name: QualifiedName
    /// How many arguments it is given.
    public let argumentCount: Int
    /// The byte in the script where the call begins; nil if the parser does not say.
    public let offset: Int?
}

/// A column, where a statement names it.
public struct ColumnReference: Hashable, Sendable {
    /// The parts of its name, with `*` for all columns.
    public let parts: [String]
    /// The byte in the script where the name begins; nil if the parser does not say.
    public let offset: Int?

    /// The column's own name.
    public var name: String { parts.last ?? "" }
}

extension AnalysedStatement {
    /// Everything that the statement names, in the order of the tree; empty for a statement that was not analysed.
    ///
    /// What stands in strings is not looked at: the bodies of functions and of DO.
    public func forEachElement(_ body: (TreeElement) -> Void) {
        guard let parsed, let node = parsed.node else { return }
        withExtendedLifetime(parsed) {
            withoutActuallyEscaping(body) { body in
                var walk = TreeWalk(reader: TreeReader(statement: statement), visit: body)
                walk.walk(TreeMessage(pointer: UnsafeMutableRawPointer(node)))
            }
        }
    }

    /// Everything that the statement names, in the order of the tree; empty for a statement that was not analysed.
    public var elements: [TreeElement] {
        var elements: [TreeElement] = []
        forEachElement { elements.append($0) }
        return elements
    }
}

extension AnalysedStatement {
    /// The relations that the statement names, in whatever way: also those that DROP, COMMENT and the like name as objects,
    /// and those to which such objects belong.
    ///
    /// Each is there as often as it is named; those that the parser gives no place for come last, without an offset.
    public var relations: [RelationReference] {
        var relations: [RelationReference] = []
        forEachElement { element in
            if case .relation(let relation) = element { relations.append(relation) }
        }
        return relations
            + (node?.relationsNamedAsObjects ?? []).map { name in
                RelationReference(name: name, offset: nil, isOnly: false, alias: nil)
            }
    }
}

extension SQLNode {
    fileprivate var relationsNamedAsObjects: [QualifiedName] {
        switch self {
        case .drop(let drop): drop.objects.compactMap(\.relation)
        case .comment(let comment): [comment.object.relation].compactMap { $0 }
        default: []
        }
    }
}

extension ObjectReference {
    /// The relation that the object is or belongs to.
    public var relation: QualifiedName? {
        if kind.isRelation { return name }
        return kind == .domainConstraint ? nil : owner
    }
}
