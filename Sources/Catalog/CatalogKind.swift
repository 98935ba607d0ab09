/// What sort of object something in a catalog is; the order of the cases is the order in a catalog file.
public enum CatalogKind: String, CaseIterable, Hashable, Comparable, Sendable, Codable {
    case schema
    case `extension`
    case language
    case accessMethod = "access method"
    case collation
    case conversion
    case baseType = "type"
    case enumeration = "enum"
    case compositeType = "composite type"
    case domain
    case domainConstraint = "domain constraint"
    case rangeType = "range type"
    case function
    case procedure
    case aggregate
    case `operator`
    case operatorFamily = "operator family"
    case operatorClass = "operator class"
    case cast
    case transform
    case textSearchParser = "text search parser"
    case textSearchTemplate = "text search template"
    case textSearchDictionary = "text search dictionary"
    case textSearchConfiguration = "text search configuration"
    case foreignDataWrapper = "foreign-data wrapper"
    case server
    case userMapping = "user mapping"
    case sequence
    case table
    case foreignTable = "foreign table"
    case column
    case view
    case materializedView = "materialized view"
    case viewColumn = "view column"
    case constraint
    case index
    case statistics
    case rule
    case trigger
    case policy
    case eventTrigger = "event trigger"
    case publication
    case subscription
    case defaultPrivileges = "default privileges"

    /// Whether objects of this kind belong to another one: columns, constraints, triggers and the like.
    public var hasParent: Bool {
        switch self {
        case .domainConstraint, .column, .viewColumn, .constraint, .index, .rule, .trigger, .policy: true
        default: false
        }
    }

    /// Whether objects of other kinds can belong to one of this kind.
    var isParent: Bool {
        switch self {
        case .domain, .table, .foreignTable, .view, .materializedView: true
        default: false
        }
    }

    /// The kinds that an object of this kind can belong to.
    var parentKinds: [CatalogKind] {
        switch self {
        case .domainConstraint: [.domain]
        case .column: [.table, .foreignTable]
        case .viewColumn: [.view, .materializedView]
        case .constraint, .index, .rule, .trigger, .policy: [.table, .view, .materializedView, .foreignTable]
        default: []
        }
    }

    /// Whether the left kind comes first in a catalog file.
    public static func < (left: Self, right: Self) -> Bool { left.order < right.order }

    /// Whether two kinds are the same; not by their names, as an enum with raw values would compare them.
    public static func == (left: Self, right: Self) -> Bool { left.order == right.order }

    /// Hashes the number of the case.
    public func hash(into hasher: inout Hasher) { hasher.combine(order) }

    /// The number of the case: a kind is compared and hashed with every identity, and an enum without payloads is
    /// nothing else in memory.
    private var order: UInt8 { unsafeBitCast(self, to: UInt8.self) }
}
