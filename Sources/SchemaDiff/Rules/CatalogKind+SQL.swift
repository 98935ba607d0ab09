import Catalog
import SQLSyntax

extension CatalogKind {
    /// The words that `ALTER`, `DROP` and `COMMENT ON` have for the kind; nil for one that no statement names so.
    var sqlName: String? {
        switch self {
        case .baseType, .enumeration, .compositeType, .rangeType: "TYPE"
        case .foreignDataWrapper: "FOREIGN DATA WRAPPER"
        case .viewColumn: "COLUMN"
        case .domainConstraint: "CONSTRAINT"
        case .defaultPrivileges: nil
        default: rawValue.uppercased()
        }
    }

    /// The words that `GRANT … ON` has for the kind; nil for one without privileges.
    var grantName: String? {
        switch self {
        case .table, .foreignTable, .view, .materializedView, .column, .viewColumn: "TABLE"
        case .baseType, .enumeration, .compositeType, .rangeType, .domain: "TYPE"
        case .aggregate: "FUNCTION"
        case .server: "FOREIGN SERVER"
        case .schema, .language, .function, .procedure, .foreignDataWrapper, .sequence: sqlName
        default: nil
        }
    }

    /// The privileges that an object's owner has by default.
    var ownerPrivileges: [AccessControlItem.Privilege] {
        switch self {
        case .table, .foreignTable, .view, .materializedView:
            [.insert, .select, .update, .delete, .truncate, .references, .trigger, .maintain]
        case .sequence: [.select, .update, .usage]
        case .schema: [.usage, .create]
        case .function, .procedure, .aggregate: [.execute]
        case .language, .foreignDataWrapper, .server: [.usage]
        case .baseType, .enumeration, .compositeType, .rangeType, .domain: [.usage]
        default: []
        }
    }

    /// The privileges that everybody has by default.
    var publicPrivileges: [AccessControlItem.Privilege] {
        switch self {
        case .function, .procedure, .aggregate: [.execute]
        case .language, .baseType, .enumeration, .compositeType, .rangeType, .domain: [.usage]
        default: []
        }
    }

    /// What `ALTER DEFAULT PRIVILEGES` calls objects of the kind.
    var defaultPrivilegesName: String? {
        switch self {
        case .table, .foreignTable, .view, .materializedView: "tables"
        case .sequence: "sequences"
        case .function, .procedure, .aggregate: "functions"
        case .baseType, .enumeration, .compositeType, .rangeType, .domain: "types"
        case .schema: "schemas"
        default: nil
        }
    }
}

extension ObjectIdentity {
    /// The name as statements write it behind the kind's words, with what belongs to it: `app.f(integer)`, `c ON app.t`.
    var sqlReference: String {
        switch kind {
        case .column, .viewColumn:
            (qualifiedParent ?? "") + "." + Identifier.quote(name)
        case .constraint, .trigger, .rule, .policy:
            Identifier.quote(name) + " ON " + (qualifiedParent ?? "")
        case .domainConstraint:
            Identifier.quote(name) + " ON DOMAIN " + (qualifiedParent ?? "")
        case .aggregate where signature == "":
            qualifiedNameWithoutSignature + "(*)"
        case .operator:
            (schema.map { Identifier.quote($0) + "." } ?? "") + name + " (\(signature ?? ""))"
        case .operatorClass, .operatorFamily:
            qualifiedNameWithoutSignature + " USING " + Identifier.quote(signature ?? "")
        case .cast:
            "(\(name) AS \(signature ?? ""))"
        case .transform:
            "FOR \(signature ?? "") LANGUAGE \(Identifier.quote(name))"
        case .userMapping:
            "FOR \(name == "public" ? "PUBLIC" : Identifier.quote(name)) SERVER \(Identifier.quote(signature ?? ""))"
        default:
            qualifiedName
        }
    }

    /// The kind's words and the name: `TABLE app.t`, `CONSTRAINT c ON app.t`.
    var sqlTarget: String { "\(kind.sqlName ?? kind.rawValue) \(sqlReference)" }

    private var qualifiedNameWithoutSignature: String {
        (schema.map { Identifier.quote($0) + "." } ?? "") + Identifier.quote(name)
    }
}
