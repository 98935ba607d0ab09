import Catalog
import SQLSyntax

/// Types that stand alone and have the shape of a row.
struct CompositeTypeRule: KindRule {
    let kinds: Set<CatalogKind> = [.compositeType]

    func create(_ object: CatalogObject, in context: PlanContext) -> [PlanStatement] {
        let attributes = object.list(.attributes).joined(separator: ", ")
        return [PlanStatement("CREATE TYPE \(object.identity.qualifiedName) AS (\(attributes))")]
            + comments(from: nil, to: object)
    }

    func alter(_ change: ObjectChange, in context: PlanContext) throws -> Alteration {
        guard let before = change.before, let after = change.after else { return .rebuild }
        let from = before.list(.attributes).map(NamedText.init)
        let to = after.list(.attributes).map(NamedText.init)
        let wanted = Dictionary(uniqueKeysWithValues: to.map { ($0.name, $0.text) })
        let present = Dictionary(uniqueKeysWithValues: from.map { ($0.name, $0.text) })
        let added = to.filter { present[$0.name] == nil }
        let order = from.filter { wanted[$0.name] != nil }.map(\.name) + added.map(\.name)
        let users = context.from.objects.filter {
            $0.dependencies.contains(change.identity) && [.column, .table].contains($0.identity.kind)
                && context.to[$0.identity] != nil && !context.isNew($0.identity)
        }
        let retyped = to.filter { present[$0.name] != nil && present[$0.name] != $0.text }
        guard order == to.map(\.name), users.isEmpty || retyped.isEmpty else {
            guard let user = users.first else { return .rebuild }
            throw SchemaDiffError.refused(
                change,
                reason: order == to.map(\.name)
                    ? "\(retyped[0].name) gets another type, and \(user.identity) holds values of it"
                    : "its attributes change places, and \(user.identity) holds values of it",
                byHand:
                    "create a new type beside it, convert the column with ALTER COLUMN … TYPE … USING, and drop the old one"
            )
        }
        // A table made OF the type takes part.
        let propagation = users.contains { $0.identity.kind == .table } ? " CASCADE" : ""
        var actions: [String] = []
        for attribute in from where wanted[attribute.name] == nil {
            actions.append("DROP ATTRIBUTE \(Identifier.quote(attribute.name))\(propagation)")
        }
        for attribute in retyped {
            actions.append("ALTER ATTRIBUTE \(Identifier.quote(attribute.name)) TYPE \(attribute.text)\(propagation)")
        }
        for attribute in added {
            actions.append("ADD ATTRIBUTE \(Identifier.quote(attribute.name)) \(attribute.text)\(propagation)")
        }
        var statements: [PlanStatement] = []
        if !actions.isEmpty {
            let isLoss = from.contains { wanted[$0.name] == nil } && !users.isEmpty
            statements.append(
                PlanStatement(
                    "ALTER TYPE \(change.identity.qualifiedName) \(actions.joined(separator: ", "))",
                    hazards: isLoss
                        ? [
                            Hazard(
                                .deletesData,
                                "values of \(change.identity) lose attributes, in \(users[0].identity) too"
                            )
                        ]
                        : [],
                    lock: users.isEmpty ? nil : .accessExclusive
                )
            )
        }
        statements += comments(from: before, to: after)
        // Views and functions that were made with the old shape are made again with the new one.
        return retyped.isEmpty && from.allSatisfy { wanted[$0.name] != nil }
            ? .inPlace(statements) : .withoutDependants(statements)
    }

    private func comments(from before: CatalogObject?, to after: CatalogObject) -> [PlanStatement] {
        let from = Dictionary(
            uniqueKeysWithValues: (before?.list(.attributeComments) ?? []).map(NamedText.init).map {
                ($0.name, $0.text)
            }
        )
        let to = Dictionary(
            uniqueKeysWithValues: after.list(.attributeComments).map(NamedText.init).map { ($0.name, $0.text) }
        )
        let names = after.list(.attributes).map { NamedText($0).name }
        return names.filter { from[$0] != to[$0] }.map { name in
            let text = to[name].map(StringLiteral.quote) ?? "NULL"
            return PlanStatement(
                "COMMENT ON COLUMN \(after.identity.qualifiedName).\(Identifier.quote(name)) IS \(text)"
            )
        }
    }
}
