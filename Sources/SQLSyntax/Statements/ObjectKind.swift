import CPgQuery

/// A kind of object in a database, as statements name it; raw values are PostgreSQL's `ObjectType`.
public enum ObjectKind: String, Codable, Hashable, Sendable {
    /// An access method.
    case accessMethod = "ACCESS_METHOD"
    /// An aggregate.
    case aggregate = "AGGREGATE"
    /// An operator of access method.
    case operatorOfAccessMethod = "AMOP"
    /// A function of access method.
    case functionOfAccessMethod = "AMPROC"
    /// An attribute.
    case attribute = "ATTRIBUTE"
    /// A cast.
    case cast = "CAST"
    /// A column.
    case column = "COLUMN"
    /// A collation.
    case collation = "COLLATION"
    /// A conversion.
    case conversion = "CONVERSION"
    /// A database.
    case database = "DATABASE"
    /// A column default.
    case columnDefault = "DEFAULT"
    /// A default privilege.
    case defaultPrivilege = "DEFACL"
    /// A domain.
    case domain = "DOMAIN"
    /// A domain constraint.
    case domainConstraint = "DOMCONSTRAINT"
    /// An event trigger.
    case eventTrigger = "EVENT_TRIGGER"
    /// An extension.
    case `extension` = "EXTENSION"
    /// A foreign data wrapper.
    case foreignDataWrapper = "FDW"
    /// A foreign server.
    case foreignServer = "FOREIGN_SERVER"
    /// A foreign table.
    case foreignTable = "FOREIGN_TABLE"
    /// A function.
    case function = "FUNCTION"
    /// An index.
    case index = "INDEX"
    /// A language.
    case language = "LANGUAGE"
    /// A large object.
    case largeObject = "LARGEOBJECT"
    /// A materialized view.
    case materializedView = "MATVIEW"
    /// An operator class.
    case operatorClass = "OPCLASS"
    /// An operator.
    case `operator` = "OPERATOR"
    /// An operator family.
    case operatorFamily = "OPFAMILY"
    /// A parameter.
    case parameter = "PARAMETER_ACL"
    /// A policy.
    case policy = "POLICY"
    /// A procedure.
    case procedure = "PROCEDURE"
    /// A publication.
    case publication = "PUBLICATION"
    /// A schema of publication.
    case schemaOfPublication = "PUBLICATION_NAMESPACE"
    /// A relation of publication.
    case relationOfPublication = "PUBLICATION_REL"
    /// A role.
    case role = "ROLE"
    /// A routine.
    case routine = "ROUTINE"
    /// A rule.
    case rule = "RULE"
    /// A schema.
    case schema = "SCHEMA"
    /// A sequence.
    case sequence = "SEQUENCE"
    /// A subscription.
    case subscription = "SUBSCRIPTION"
    /// Extended statistics.
    case statistics = "STATISTIC_EXT"
    /// A table constraint.
    case tableConstraint = "TABCONSTRAINT"
    /// A table.
    case table = "TABLE"
    /// A tablespace.
    case tablespace = "TABLESPACE"
    /// A transform.
    case transform = "TRANSFORM"
    /// A trigger.
    case trigger = "TRIGGER"
    /// A text search configuration.
    case textSearchConfiguration = "TSCONFIGURATION"
    /// A text search dictionary.
    case textSearchDictionary = "TSDICTIONARY"
    /// A text search parser.
    case textSearchParser = "TSPARSER"
    /// A text search template.
    case textSearchTemplate = "TSTEMPLATE"
    /// A type.
    case type = "TYPE"
    /// A user mapping.
    case userMapping = "USER_MAPPING"
    /// A view.
    case view = "VIEW"
    /// A kind that this list does not know.
    case unknown = ""

    init(_ type: PgQuery__ObjectType) {
        let name = NodeReader.name(of: Int32(bitPattern: type.rawValue), in: lastro_object_type_descriptor())
        self = name.flatMap { ObjectKind(rawValue: String($0.dropFirst("OBJECT_".count))) } ?? .unknown
    }
}
