public import Catalog
import Postgres

@testable import SchemaDiff

/// A rule whose statements are words, so that a plan's order can be read.
struct WordsRule: KindRule {
    let kinds = Set(CatalogKind.allCases)

    func create(_ object: CatalogObject, in context: PlanContext) -> [PlanStatement] {
        let columns = context.to.children(of: object.identity, kind: .column).map { column in
            column.identity.name + (column.text("default").map { " default \($0)" } ?? "")
        }
        return [
            PlanStatement(
                "create \(object.identity)" + (columns.isEmpty ? "" : " (\(columns.joined(separator: ", ")))")
            )
        ]
    }

    func drop(_ object: CatalogObject, in context: PlanContext) -> [PlanStatement] {
        [PlanStatement("drop \(object.identity)")]
    }

    /// The attributes say how they are changed.
    func alter(_ change: ObjectChange, in context: PlanContext) -> Alteration {
        let names = Set(change.attributes.map(\.name.rawValue))
        if names.contains("rebuild") { return .rebuild }
        let statement = PlanStatement("alter \(change.identity): \(names.sorted().joined(separator: ", "))")
        return names.contains("lifts") ? .withoutDependants([statement]) : .inPlace([statement])
    }
}

/// Lets tests write the names of attributes as they are.
extension AttributeName: ExpressibleByStringLiteral {
    /// Takes the name.
    public init(stringLiteral name: String) {
        self.init(rawValue: name)
    }
}

/// Lets tests write texts as they are.
extension AttributeValue: ExpressibleByStringLiteral {
    /// Takes the text.
    public init(stringLiteral text: String) {
        self = .text(text)
    }
}

func table(_ name: String, needs: ObjectIdentity...) -> CatalogObject {
    CatalogObject(ObjectIdentity(.table, schema: "s", name), dependencies: needs)
}

func column(
    _ table: String,
    _ name: String,
    _ attributes: [AttributeName: AttributeValue] = [:],
    needs: ObjectIdentity...
) -> CatalogObject {
    CatalogObject(.column(table, name), attributes: attributes, dependencies: needs)
}

func object(
    _ identity: ObjectIdentity,
    _ attributes: [AttributeName: AttributeValue] = [:],
    needs: ObjectIdentity...
) -> CatalogObject {
    CatalogObject(identity, attributes: attributes, dependencies: needs)
}

extension ObjectIdentity {
    static func table(_ name: String) -> ObjectIdentity { ObjectIdentity(.table, schema: "s", name) }
    static func view(_ name: String) -> ObjectIdentity { ObjectIdentity(.view, schema: "s", name) }
    static func sequence(_ name: String) -> ObjectIdentity { ObjectIdentity(.sequence, schema: "s", name) }
    static func enumeration(_ name: String) -> ObjectIdentity { ObjectIdentity(.enumeration, schema: "s", name) }
    static func function(_ name: String, _ arguments: String = "") -> ObjectIdentity {
        ObjectIdentity(.function, schema: "s", name, signature: arguments)
    }
    static func column(_ table: String, _ name: String) -> ObjectIdentity {
        ObjectIdentity(.column, schema: "s", parent: table, name)
    }
    static func constraint(_ table: String, _ name: String) -> ObjectIdentity {
        ObjectIdentity(.constraint, schema: "s", parent: table, name)
    }
    static func index(_ table: String, _ name: String) -> ObjectIdentity {
        ObjectIdentity(.index, schema: "s", parent: table, name)
    }
    static func trigger(_ table: String, _ name: String) -> ObjectIdentity {
        ObjectIdentity(.trigger, schema: "s", parent: table, name)
    }
}

/// The words of the plan between two catalogs.
func words(from: [CatalogObject], to: [CatalogObject]) throws -> [String] {
    let version = ServerVersion(number: 150_000)
    var planner = try Planner(
        from: Catalog(serverVersion: version, objects: from),
        to: Catalog(serverVersion: version, objects: to),
        options: PlanOptions(),
        rules: KindRules([WordsRule()])
    )
    return try planner.plan().steps.flatMap(\.statements).map(\.sql)
}
