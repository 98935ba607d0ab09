import SQLSyntax

/// A statement that makes an object which is neither a relation nor a type nor a routine.
struct ObjectCreation {
    let kind: ObjectKind
    let name: QualifiedName
    /// Whether it does nothing where the object is there.
    var ifNotExists = false
    /// What it fails with where the object is there, by the name that a handler has for it.
    var condition = "duplicate_object"

    init(_ kind: ObjectKind, _ name: QualifiedName) {
        self.kind = kind
        self.name = name
    }

    /// Recognises a statement; nil for any other.
    init?(_ node: StatementNode, _ syntax: SyntaxNode?) {
        guard let syntax else { return nil }
        switch node {
        case .subscription(let subscription) where subscription.action == .create:
            self.init(.subscription, QualifiedName(name: subscription.name))
        case .other("CreatePublicationStmt"):
            self.init(.publication, QualifiedName(name: syntax.text("pubname") ?? ""))
        case .other("CreateEventTrigStmt"):
            self.init(.eventTrigger, QualifiedName(name: syntax.text("trigname") ?? ""))
        case .other("CreateFdwStmt"):
            self.init(.foreignDataWrapper, QualifiedName(name: syntax.text("fdwname") ?? ""))
        case .other("CreateForeignServerStmt"):
            self.init(.foreignServer, QualifiedName(name: syntax.text("servername") ?? ""))
        case .other("CreateConversionStmt"):
            self.init(.conversion, syntax.name(in: "conversion_name"))
        case .other("CreateCastStmt"):
            guard let source = syntax.child("sourcetype")?.typeReference,
                let target = syntax.child("targettype")?.typeReference
            else { return nil }
            self.init(.cast, Self.castName(source, target))
        case .other("CreateOpClassStmt"):
            self.init(.operatorClass, syntax.name(in: "opclassname", method: syntax.text("amname")))
        case .other("CreateOpFamilyStmt"):
            self.init(.operatorFamily, syntax.name(in: "opfamilyname", method: syntax.text("amname")))
        case .other("DefineStmt"):
            self.init(definition: syntax)
        default: return nil
        }
        ifNotExists = syntax.isSet("if_not_exists")
    }

    private init?(definition syntax: SyntaxNode) {
        let name = syntax.name(in: "defnames")
        switch syntax.option("kind") {
        case "OBJECT_COLLATION": self.init(.collation, name)
        case "OBJECT_TSCONFIGURATION": self.init(.textSearchConfiguration, name)
        case "OBJECT_TSDICTIONARY": self.init(.textSearchDictionary, name)
        case "OBJECT_TSPARSER": self.init(.textSearchParser, name)
        case "OBJECT_TSTEMPLATE": self.init(.textSearchTemplate, name)
        case "OBJECT_OPERATOR":
            func argument(_ side: String) -> TypeReference? {
                syntax.children("definition").first { $0.text("defname") == side }?.child("arg")?.typeReference
            }
            self.init(.operator, Self.operatorName(name, argument("leftarg"), argument("rightarg")))
            condition = "duplicate_function"
        default: return nil
        }
        // The server looks at nothing before it writes into these catalogs.
        if kind.rawValue.hasPrefix("TS") { condition = "unique_violation" }
    }

    static func castName(_ source: TypeReference, _ target: TypeReference) -> QualifiedName {
        QualifiedName(name: "(\(source.signature) AS \(target.signature))")
    }

    static func operatorName(_ name: QualifiedName, _ left: TypeReference?, _ right: TypeReference?) -> QualifiedName {
        let types = [left, right].map { $0?.signature ?? "none" }.joined(separator: ", ")
        return QualifiedName(schema: name.schema, name: "\(name.name)(\(types))")
    }
}

extension SyntaxNode {
    /// The name that a list of strings gives.
    func name(in field: String, method: String? = nil) -> QualifiedName {
        let parts = children(field).compactMap { $0.text("sval") }
        return QualifiedName(
            schema: parts.dropLast().last,
            name: (parts.last ?? "") + (method.map { " using \($0)" } ?? "")
        )
    }

    /// The routine that an `ObjectWithArgs` names.
    func routine(_ kind: ObjectKind) -> ObjectReference {
        ObjectReference(
            kind: kind,
            name: name(in: "objname"),
            relation: nil,
            arguments: isSet("args_unspecified") ? nil : children("objargs").compactMap(\.typeReference)
        )
    }
}
