import SQLSyntax

/// What only the server can tell of declarations: what names mean, which types are the same, whether two expressions are.
struct SkipQuestions: Hashable, Sendable {
    var relations: Set<QualifiedName> = []
    var types: Set<String> = []
    var collations: Set<QualifiedName> = []
    /// Relations beside the guarded ones, such as a partition's parent.
    var facts: Set<Int> = []
    var expressions: Set<ExpressionKey> = []
    var queries: Set<QueryKey> = []
    var details: Set<DetailKey> = []

    var isEmpty: Bool { self == SkipQuestions() }
}

/// What is asked of an object that is no relation.
struct DetailKey: Hashable, Sendable {
    enum Kind: Hashable, Sendable {
        /// The owner, the current and the session's user.
        case schema
        /// The schema and the version.
        case `extension`
        /// The values, in order.
        case enumeration
        /// The definition.
        case statistics
    }

    let kind: Kind
    let oid: Int
}

/// An expression over the columns of a relation.
struct ExpressionKey: Hashable, Sendable {
    let relation: Int
    let sql: String
    /// The type that it is cast to; nil for its own.
    let type: String?
}

/// A query as a statement declares it, and the relation that was there.
struct QueryKey: Hashable, Sendable {
    let relation: Int
    let sql: String
    /// The names that the statement gives to its columns; empty where the query names them.
    let columns: [String]
    /// The query of the materialized view that was there; nil for a table.
    let existing: String?
}

/// The server's answers; an answer that is there and nil says that it could not tell.
struct SkipAnswers: Sendable {
    struct Relation: Hashable, Sendable {
        let oid: Int
        let primaryKey: [String]
    }

    struct DataType: Hashable, Sendable {
        let oid: Int
        let modifier: Int
        let name: String
    }

    /// How a declared query compares with what was there.
    struct QueryMatch: Hashable, Sendable {
        /// The columns that differ, in words.
        let columns: [String]
        /// Whether the query is the same; nil where it was not compared.
        let isSame: Bool?
    }

    var relations: [QualifiedName: Relation?] = [:]
    var types: [String: DataType?] = [:]
    var collations: [QualifiedName: Set<Int>] = [:]
    var facts: [Int: RelationFacts?] = [:]
    /// Each expression as the server's planner has it.
    var expressions: [ExpressionKey: String?] = [:]
    var queries: [QueryKey: QueryMatch?] = [:]
    var details: [DetailKey: [String]] = [:]
}
