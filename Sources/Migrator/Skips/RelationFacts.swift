/// What the system catalogs say of a relation, as far as a statement could have declared it.
struct RelationFacts: Codable, Hashable, Sendable {
    let oid: Int
    let schema: String
    let name: String
    let kind: String
    let persistence: String
    let method: String?
    let tablespace: String?
    let options: [String]
    let toastOptions: [String]
    let rowType: Int
    let parents: [Int]
    let isPartition: Bool
    let bound: String?
    let partitionKey: String?
    let server: String?
    let columns: [Column]
    let constraints: [Constraint]
    let index: Index?
    let sequence: Sequence?
    let query: String?

    struct Column: Codable, Hashable, Sendable {
        let number: Int
        let name: String
        let type: Int
        let modifier: Int
        let typeName: String
        let isNotNull: Bool
        /// The default, or the expression of a generated column.
        let expression: String?
        let isTrusted: Bool
        let generated: String
        let identity: String
        let collation: Int
        let typeCollation: Int
        let collationName: String?
        let storage: String
        let typeStorage: String
        let compression: String?
        let sequence: Sequence?
    }

    struct Constraint: Codable, Hashable, Sendable {
        let name: String
        let kind: String
        let columns: [String]
        let isValid: Bool
        let isEnforced: Bool
        let isDeferrable: Bool
        let isDeferred: Bool
        let isNotInherited: Bool
        let table: Int
        let referenced: [String]
        let onUpdate: String
        let onDelete: String
        let match: String
        let setColumns: [String]
        let expression: String?
        let isTrusted: Bool
        let included: [String]
        let nullsAreEqual: Bool
        let definition: String
    }

    struct Index: Codable, Hashable, Sendable {
        let table: Int
        let tableName: String
        let isUnique: Bool
        let isValid: Bool
        let nullsAreEqual: Bool
        let keys: [Key]
        let included: [String]
        let predicate: String?
        let isTrusted: Bool
    }

    /// A column or an expression of an index.
    struct Key: Codable, Hashable, Sendable {
        let column: String?
        let expression: String
        let operatorClass: String
        let operatorClassSchema: String
        let isDefaultClass: Bool
        let collation: Int
        let columnCollation: Int
        let isDescending: Bool
        let nullsFirst: Bool
    }

    struct Sequence: Codable, Hashable, Sendable {
        let type: String
        let start: Int
        let increment: Int
        let min: Int
        let max: Int
        let cache: Int
        let cycles: Bool
        let ownerTable: Int?
        let ownerColumn: String?
    }
}

extension RelationFacts {
    /// What it is, in words.
    var kindInWords: String {
        switch kind {
        case "r": "table"
        case "p": "partitioned table"
        case "v": "view"
        case "m": "materialized view"
        case "f": "foreign table"
        case "S": "sequence"
        case "i", "I": "index"
        case "c": "composite type"
        default: "relation of another kind"
        }
    }

    func column(_ name: String) -> Column? { columns.first { $0.name == name } }
}
