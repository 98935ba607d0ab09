import Catalog

extension KindRule {
    /// Drops an object that holds no rows, by its name.
    func drop(_ object: CatalogObject, in context: PlanContext) throws -> [PlanStatement] {
        [PlanStatement("DROP \(object.identity.sqlTarget)")]
    }
}

extension ObjectChange {
    /// The names of the attributes that differ, without those that ``CommonAttributes`` sees to.
    var differing: Set<AttributeName> {
        Set(attributes.map(\.name)).subtracting([.owner, .comment, .grants, .securityLabels])
    }
}
