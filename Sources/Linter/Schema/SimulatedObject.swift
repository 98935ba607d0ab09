import SQLSyntax

/// What the history made that is neither a relation nor a type nor a routine: a publication, a collation, an operator.
struct SimulatedObject: Sendable {
    /// Which one it is.
    struct Key: Hashable, Sendable {
        let kind: ObjectKind
        /// Its name; that of an operator with the types that it takes.
        let name: QualifiedName

        /// What it is called, in words.
        var words: String { "\(kind.title) \(name.shortened)" }
    }

    var certainty = Certainty.sure
    /// Whether the history took it away.
    var isGone = false
    var origin: Origin
    /// The table that it goes with.
    var table: QualifiedName?
}

extension SimulatedSchema {
    /// The object that a name means; nil if none is known.
    func objectKey(_ kind: ObjectKind, _ name: QualifiedName) -> SimulatedObject.Key? {
        guard kind.hasSchema, name.schema == nil else {
            let key = SimulatedObject.Key(kind: kind, name: name)
            return objects.has(key) ? key : nil
        }
        return searchPath.lazy
            .map { SimulatedObject.Key(kind: kind, name: QualifiedName(schema: $0, name: name.name)) }
            .first { objects.has($0) }
    }

    /// Where an object without a schema is made.
    func creationKey(_ kind: ObjectKind, _ name: QualifiedName) -> SimulatedObject.Key {
        SimulatedObject.Key(kind: kind, name: kind.hasSchema ? creationKey(name) : QualifiedName(name: name.name))
    }

    /// Notes that an object is gone.
    mutating func remove(_ key: SimulatedObject.Key, at origin: Origin) {
        if let table = objects[key]?.table { relations[table]?.statistics[key.name] = nil }
        objects[key] = SimulatedObject(isGone: true, origin: origin)
    }
}

extension ObjectKind {
    /// Whether objects of the kind lie in schemas.
    fileprivate var hasSchema: Bool {
        switch self {
        case .statistics, .collation, .conversion, .operator, .operatorClass, .operatorFamily, .textSearchConfiguration,
            .textSearchDictionary, .textSearchParser, .textSearchTemplate:
            true
        default: false
        }
    }

    /// Whether an extension may bring objects of the kind.
    var mayComeFromExtension: Bool {
        switch self {
        case .publication, .subscription, .statistics, .rule: false
        default: true
        }
    }

    /// The kind as people say it.
    fileprivate var title: String {
        switch self {
        case .statistics: "statistics object"
        case .operatorClass: "operator class"
        case .operatorFamily: "operator family"
        case .textSearchConfiguration: "text search configuration"
        case .textSearchDictionary: "text search dictionary"
        case .textSearchParser: "text search parser"
        case .textSearchTemplate: "text search template"
        case .foreignDataWrapper: "foreign-data wrapper"
        case .foreignServer: "server"
        default: rawValue.lowercased().replacing("_", with: " ")
        }
    }
}
