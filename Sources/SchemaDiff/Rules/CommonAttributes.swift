import Catalog
import SQLSyntax

/// What every kind of object can have: an owner, privileges, a comment and security labels.
///
/// The statements belong behind those that create or alter the object itself, and those of a table before those of its
/// columns: to take a privilege on a table takes it on its columns too.
enum CommonAttributes {
    /// The statements that bring what is common to all kinds from what is to what is wanted.
    ///
    /// - Parameters:
    ///   - before: the object as it is; nil where the plan has just created it, anew or once more.
    ///   - after: the object as it is wanted.
    ///   - context: what the plan knows.
    /// - Returns: the statements, in order.
    static func statements(
        from before: CatalogObject?,
        to after: CatalogObject,
        in context: PlanContext
    ) -> [PlanStatement] {
        let before = context.isNew(after.identity) ? nil : before
        if after.identity.kind == .defaultPrivileges {
            return before.map { DefaultPrivilegesRule().statements(from: $0, to: after, in: context) } ?? []
        }
        return owner(from: before, to: after)
            + PrivilegeChange(from: before, to: after, in: context).statements
            + identityPrivileges(from: before, to: after, in: context)
            + comment(from: before, to: after)
            + labels(from: before, to: after)
    }

    private static func owner(from before: CatalogObject?, to after: CatalogObject) -> [PlanStatement] {
        guard let owner = after.text(.owner), owner != before?.text(.owner) else { return [] }
        let identity = after.identity
        // Extensions belong to whoever made them. A sequence that a column owns follows its table.
        if identity.kind == .extension || (before != nil && after.text(AttributeName(rawValue: "owned_by")) != nil) {
            return []
        }
        let isTable = [.table, .foreignTable, .view, .materializedView, .sequence].contains(identity.kind)
        return [
            PlanStatement(
                "ALTER \(identity.sqlTarget) OWNER TO \(Identifier.quote(owner))",
                // What has no owner yet was made a moment ago.
                hazards: before?.text(.owner).map { former in
                    [Hazard(.authorisationChange, "\(identity) changes hands from \(former) to \(owner)")]
                } ?? [],
                lock: before != nil && isTable ? .accessExclusive : nil
            )
        ]
    }

    /// The privileges on the sequence of an identity column.
    private static func identityPrivileges(
        from before: CatalogObject?,
        to after: CatalogObject,
        in context: PlanContext
    ) -> [PlanStatement] {
        guard let sequence = identitySequence(of: after, in: context.to) else { return [] }
        let former = before.flatMap { identitySequence(of: $0, in: context.from) }
        return PrivilegeChange(from: former, to: sequence, in: context).statements
    }

    private static func identitySequence(of column: CatalogObject, in catalog: Catalog) -> CatalogObject? {
        guard column.identity.kind == .column, column.text(.identity) != nil else { return nil }
        let name =
            column.text(.identitySequence)
            ?? ChosenName.of(column.identity.parent ?? "", column.identity.name, "seq")
        var attributes: [AttributeName: AttributeValue] = [:]
        attributes[.owner] = catalog.parent(of: column.identity).flatMap { catalog[$0]?.attributes[.owner] }
        attributes[.grants] = column.attributes[.identityGrants]
        return CatalogObject(ObjectIdentity(.sequence, schema: column.identity.schema, name), attributes: attributes)
    }

    private static func comment(from before: CatalogObject?, to after: CatalogObject) -> [PlanStatement] {
        let comment = after.text(.comment)
        // An extension brings the comment of its control file.
        let isSetByCreation = before == nil && after.identity.kind == .extension
        guard comment != before?.text(.comment) || isSetByCreation else { return [] }
        let text = comment.map(StringLiteral.quote) ?? "NULL"
        return [PlanStatement("COMMENT ON \(after.identity.sqlTarget) IS \(text)")]
    }

    private static func labels(from before: CatalogObject?, to after: CatalogObject) -> [PlanStatement] {
        let from = labels(of: before)
        let to = labels(of: after)
        return Set(from.keys).union(to.keys).sorted().filter { from[$0] != to[$0] }.map { provider in
            let label = to[provider].map(StringLiteral.quote) ?? "NULL"
            return PlanStatement(
                "SECURITY LABEL FOR \(Identifier.quote(provider)) ON \(after.identity.sqlTarget) IS \(label)",
                hazards: before == nil
                    ? [] : [Hazard(.authorisationChange, "\(after.identity) has another label of \(provider)")]
            )
        }
    }

    private static func labels(of object: CatalogObject?) -> [String: String] {
        var labels: [String: String] = [:]
        for label in object?.list(.securityLabels) ?? [] {
            guard let colon = label.firstRange(of: ": ") else { continue }
            labels[String(label[..<colon.lowerBound])] = String(label[colon.upperBound...])
        }
        return labels
    }
}
