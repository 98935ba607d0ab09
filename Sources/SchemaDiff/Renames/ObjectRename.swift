public import Catalog

/// One object under two names.
public struct ObjectRename: Hashable, Sendable {
    /// A value of an enum, or an attribute of a composite type.
    public struct Part: Hashable, Sendable {
        /// What it is called.
        public let from: String
        /// What it is to be called.
        public let to: String
    }

    /// The object as the schema that is calls it.
    public let from: ObjectIdentity
    /// The object as the schema that is wanted calls it.
    public let to: ObjectIdentity
    /// What of the object has another name; nil for the object itself.
    public let part: Part?

    init(_ from: ObjectIdentity, to: ObjectIdentity, part: Part? = nil) {
        self.from = from
        self.to = to
        self.part = part
    }

    /// The name that is given up.
    public var oldName: String { part?.from ?? from.name }
    /// The name that is taken.
    public var newName: String { part?.to ?? to.name }

    /// Whether it lies in another schema then.
    public var isMove: Bool { from.schema != to.schema && part == nil }

    /// The way back.
    var reversed: ObjectRename {
        ObjectRename(to, to: from, part: part.map { Part(from: $0.to, to: $0.from) })
    }
}

/// Why an object is taken to be the same under another name.
public enum RenameReason: String, Hashable, Sendable {
    /// It was said on the command line.
    case accepted
    /// A comment in the SQL that is wanted says so.
    case annotated
    /// It was found, and what is found is to be taken.
    case automatic
    /// It belongs to something else that is called otherwise, and is nothing but its name away from what is wanted.
    case carried
}

extension ObjectIdentity {
    /// The same object under other names.
    func with(schema: String? = nil, parent: String? = nil, name: String? = nil, signature: String? = nil) -> Self {
        ObjectIdentity(
            kind,
            schema: schema ?? self.schema,
            parent: parent ?? self.parent,
            name ?? self.name,
            signature: signature ?? self.signature
        )
    }
}

extension CatalogKind {
    /// In which order renames are looked for and made; nil for what has no `ALTER … RENAME`.
    ///
    /// What others are named with comes first.
    var renameLevel: Int? {
        switch self {
        case .schema: 0
        case .baseType, .enumeration, .compositeType, .domain, .rangeType, .collation, .language, .foreignDataWrapper:
            1
        case .table, .foreignTable, .server: 2
        case .column, .domainConstraint: 3
        case .function, .procedure, .aggregate, .operatorFamily, .operatorClass, .textSearchParser, .textSearchTemplate,
            .textSearchDictionary, .textSearchConfiguration, .conversion, .sequence, .statistics:
            4
        case .view, .materializedView, .constraint: 5
        case .viewColumn, .index, .trigger, .policy, .rule, .eventTrigger, .publication, .subscription: 6
        case .extension, .accessMethod, .operator, .cast, .transform, .userMapping, .defaultPrivileges: nil
        }
    }

    /// Whether an object of the kind goes along when what it belongs to, or lies on, gets another name.
    var isCarried: Bool {
        switch self {
        case .sequence, .constraint, .index, .trigger, .policy, .rule, .statistics, .viewColumn: true
        default: false
        }
    }

    /// Whether objects of the kind have an `ALTER … SET SCHEMA` of their own.
    var isMovable: Bool {
        guard renameLevel != nil, !hasParent else { return false }
        switch self {
        case .schema, .language, .foreignDataWrapper, .server, .eventTrigger, .publication, .subscription: return false
        default: return true
        }
    }

    /// Whether it is a relation or a domain, whose name its parts have in theirs.
    var hasParts: Bool {
        switch self {
        case .table, .foreignTable, .view, .materializedView, .domain: true
        default: false
        }
    }
}
