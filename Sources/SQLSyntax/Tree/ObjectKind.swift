import CPgQuery

/// A kind of object in a database, by the words that SQL has for it.
public enum ObjectKind: String, CaseIterable, Hashable, Sendable {
    // In the order of the parser's numbers (`ObjectType` in the server's `nodes/parsenodes.h`), which count from 1.
    /// `ACCESS METHOD`.
    case accessMethod = "ACCESS METHOD"
    /// `AGGREGATE`.
    case aggregate = "AGGREGATE"
    /// `AMOP`.
    case amOperator = "AMOP"
    /// `AMPROC`.
    case amProcedure = "AMPROC"
    /// `ATTRIBUTE`.
    case attribute = "ATTRIBUTE"
    /// `CAST`.
    case cast = "CAST"
    /// `COLUMN`.
    case column = "COLUMN"
    /// `COLLATION`.
    case collation = "COLLATION"
    /// `CONVERSION`.
    case conversion = "CONVERSION"
    /// `DATABASE`.
    case database = "DATABASE"
    /// `DEFAULT`.
    case `default` = "DEFAULT"
    /// `DEFAULT PRIVILEGES`.
    case defaultPrivileges = "DEFAULT PRIVILEGES"
    /// `DOMAIN`.
    case domain = "DOMAIN"
    /// `DOMAIN CONSTRAINT`.
    case domainConstraint = "DOMAIN CONSTRAINT"
    /// `EVENT TRIGGER`.
    case eventTrigger = "EVENT TRIGGER"
    /// `EXTENSION`.
    case `extension` = "EXTENSION"
    /// `FOREIGN DATA WRAPPER`.
    case foreignDataWrapper = "FOREIGN DATA WRAPPER"
    /// `SERVER`.
    case foreignServer = "SERVER"
    /// `FOREIGN TABLE`.
    case foreignTable = "FOREIGN TABLE"
    /// `FUNCTION`.
    case function = "FUNCTION"
    /// `INDEX`.
    case index = "INDEX"
    /// `LANGUAGE`.
    case language = "LANGUAGE"
    /// `LARGE OBJECT`.
    case largeObject = "LARGE OBJECT"
    /// `MATERIALIZED VIEW`.
    case materializedView = "MATERIALIZED VIEW"
    /// `OPERATOR CLASS`.
    case operatorClass = "OPERATOR CLASS"
    /// `OPERATOR`.
    case `operator` = "OPERATOR"
    /// `OPERATOR FAMILY`.
    case operatorFamily = "OPERATOR FAMILY"
    /// `PARAMETER`.
    case parameter = "PARAMETER"
    /// `POLICY`.
    case policy = "POLICY"
    /// `PROCEDURE`.
    case procedure = "PROCEDURE"
    /// `PUBLICATION`.
    case publication = "PUBLICATION"
    /// `PUBLICATION SCHEMA`.
    case publicationSchema = "PUBLICATION SCHEMA"
    /// `PUBLICATION TABLE`.
    case publicationTable = "PUBLICATION TABLE"
    /// `ROLE`.
    case role = "ROLE"
    /// `ROUTINE`.
    case routine = "ROUTINE"
    /// `RULE`.
    case rule = "RULE"
    /// `SCHEMA`.
    case schema = "SCHEMA"
    /// `SEQUENCE`.
    case sequence = "SEQUENCE"
    /// `SUBSCRIPTION`.
    case subscription = "SUBSCRIPTION"
    /// `STATISTICS`.
    case statistics = "STATISTICS"
    /// `CONSTRAINT`.
    case tableConstraint = "CONSTRAINT"
    /// `TABLE`.
    case table = "TABLE"
    /// `TABLESPACE`.
    case tablespace = "TABLESPACE"
    /// `TRANSFORM`.
    case transform = "TRANSFORM"
    /// `TRIGGER`.
    case trigger = "TRIGGER"
    /// `TEXT SEARCH CONFIGURATION`.
    case textSearchConfiguration = "TEXT SEARCH CONFIGURATION"
    /// `TEXT SEARCH DICTIONARY`.
    case textSearchDictionary = "TEXT SEARCH DICTIONARY"
    /// `TEXT SEARCH PARSER`.
    case textSearchParser = "TEXT SEARCH PARSER"
    /// `TEXT SEARCH TEMPLATE`.
    case textSearchTemplate = "TEXT SEARCH TEMPLATE"
    /// `TYPE`.
    case type = "TYPE"
    /// `USER MAPPING`.
    case userMapping = "USER MAPPING"
    /// `VIEW`.
    case view = "VIEW"

    /// Whether objects of this kind are relations: what can stand behind FROM, and indexes and sequences.
    public var isRelation: Bool {
        [.table, .foreignTable, .view, .materializedView, .index, .sequence].contains(self)
    }

    init(_ type: PgQuery__ObjectType) {
        let index = Int(type.rawValue) - 1
        // A tree without a kind is one that the parser does not make.
        self = Self.allCases.indices.contains(index) ? Self.allCases[index] : .table
    }
}
