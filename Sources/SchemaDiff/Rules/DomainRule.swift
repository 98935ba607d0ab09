import Catalog
import SQLSyntax

/// Domains, without their checks.
struct DomainRule: KindRule {
    let kinds: Set<CatalogKind> = [.domain]

    func create(_ object: CatalogObject, in context: PlanContext) -> [PlanStatement] {
        var sql = "CREATE DOMAIN \(object.identity.qualifiedName) AS \(object.text(.baseType) ?? "")"
        if let collation = object.text(.collation) { sql += " COLLATE \(collation)" }
        if let value = object.text(.default) { sql += " DEFAULT \(value)" }
        if object.flag(.notNull) {
            if let name = object.text(.notNullName) { sql += " CONSTRAINT \(Identifier.quote(name))" }
            sql += " NOT NULL"
        }
        return [PlanStatement(sql)]
    }

    func alter(_ change: ObjectChange, in context: PlanContext) throws -> Alteration {
        guard let after = change.after else { return .rebuild }
        let differing = change.differing
        if differing.contains(.baseType) || differing.contains(.collation) {
            let holders = context.from.objects.filter {
                $0.identity.kind == .column && $0.dependencies.contains(change.identity)
                    && context.to[$0.identity] != nil && !context.isNew($0.identity)
            }
            guard let holder = holders.first else { return .rebuild }
            throw SchemaDiffError.refused(
                change,
                reason: "it is to narrow another type, and \(holder.identity) holds values of it",
                byHand:
                    "create a new domain beside it, convert the column with ALTER COLUMN … TYPE …, and drop the old one"
            )
        }
        let alter = "ALTER DOMAIN \(change.identity.qualifiedName)"
        var statements: [PlanStatement] = []
        if differing.contains(.default) {
            statements.append(
                PlanStatement(after.text(.default).map { "\(alter) SET DEFAULT \($0)" } ?? "\(alter) DROP DEFAULT")
            )
        }
        let isRenamed =
            differing.contains(.notNullName) && change.before?.flag(.notNull) == true && after.flag(.notNull)
        if differing.contains(.notNull) || isRenamed {
            if change.before?.flag(.notNull) == true { statements.append(PlanStatement("\(alter) DROP NOT NULL")) }
            if after.flag(.notNull) {
                let action =
                    after.text(.notNullName).map { "ADD CONSTRAINT \(Identifier.quote($0)) NOT NULL" } ?? "SET NOT NULL"
                statements.append(
                    PlanStatement(
                        "\(alter) \(action)",
                        hazards: [
                            Hazard(.validatesConstraint, "every table with a column of \(change.identity) is read"),
                            Hazard(.shareLock, "tables with columns of \(change.identity) are locked against writes"),
                        ],
                        lock: .share
                    )
                )
            }
        }
        return .inPlace(statements)
    }
}

/// Checks of domains.
struct DomainConstraintRule: KindRule {
    let kinds: Set<CatalogKind> = [.domainConstraint]

    func create(_ object: CatalogObject, in context: PlanContext) -> [PlanStatement] {
        let domain = object.identity.qualifiedParent ?? ""
        let name = Identifier.quote(object.identity.name)
        let definition = object.text(.definition) ?? ""
        let addition = "ALTER DOMAIN \(domain) ADD CONSTRAINT \(name) \(definition)"
        guard !Self.isNew(object, in: context), context.options.isOnline, !definition.hasSuffix(Self.notValid) else {
            let isHarmless = Self.isNew(object, in: context) || definition.hasSuffix(Self.notValid)
            return [PlanStatement(addition, hazards: isHarmless ? [] : Self.validation(of: object.identity))]
        }
        return [PlanStatement(addition + Self.notValid), Self.validate(object.identity)]
    }

    func drop(_ object: CatalogObject, in context: PlanContext) -> [PlanStatement] {
        [
            PlanStatement(
                "ALTER DOMAIN \(object.identity.qualifiedParent ?? "") "
                    + "DROP CONSTRAINT \(Identifier.quote(object.identity.name))"
            )
        ]
    }

    func alter(_ change: ObjectChange, in context: PlanContext) -> Alteration {
        guard let before = change.before?.text(.definition), let after = change.after?.text(.definition),
            before != after
        else { return .inPlace([]) }
        guard before == after + Self.notValid else { return .rebuild }
        return .inPlace([Self.validate(change.identity)])
    }

    private static let notValid = " NOT VALID"

    private static func isNew(_ object: CatalogObject, in context: PlanContext) -> Bool {
        context.isNew(ObjectIdentity(.domain, schema: object.identity.schema, object.identity.parent ?? ""))
    }

    private static func validate(_ identity: ObjectIdentity) -> PlanStatement {
        PlanStatement(
            "ALTER DOMAIN \(identity.qualifiedParent ?? "") VALIDATE CONSTRAINT \(Identifier.quote(identity.name))",
            hazards: validation(of: identity),
            lock: .share
        )
    }

    private static func validation(of identity: ObjectIdentity) -> [Hazard] {
        let domain = identity.qualifiedParent ?? ""
        return [
            Hazard(.validatesConstraint, "every table with a column of domain \(domain) is read"),
            Hazard(.shareLock, "tables with columns of domain \(domain) are locked against writes meanwhile"),
        ]
    }
}
