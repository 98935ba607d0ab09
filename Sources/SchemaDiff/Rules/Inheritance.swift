import Catalog

/// What a table's parents bring to it by themselves: a statement on the parent's column is one on the child's, too.
struct Inheritance {
    private let context: PlanContext

    init(in context: PlanContext) {
        self.context = context
    }

    /// The parent tables' columns that a column has its shape from.
    func parents(of column: CatalogObject) -> [ObjectIdentity] {
        column.dependencies.filter {
            $0.kind == .column && $0.name == column.identity.name
                && ($0.parent != column.identity.parent || $0.schema != column.identity.schema)
        }
    }

    /// The table that a column belongs to, in a catalog.
    func table(of column: ObjectIdentity, in catalog: Catalog) -> CatalogObject? {
        [CatalogKind.table, .foreignTable].lazy.compactMap {
            catalog[ObjectIdentity($0, schema: column.schema, column.parent ?? "")]
        }.first
    }

    /// Whether a table has the same parent before and after the plan, so that what is done to the parent is done to it.
    func isChildThroughout(_ column: ObjectIdentity, of parent: ObjectIdentity) -> Bool {
        guard let before = table(of: column, in: context.from), let after = table(of: column, in: context.to),
            !context.isNew(after.identity), let name = parent.qualifiedParent
        else { return false }
        return Self.names(of: before).contains(name) && Self.names(of: after).contains(name)
    }

    /// Whether a parent's new column brings this one.
    func brings(_ column: CatalogObject) -> Bool {
        parents(of: column).contains { parent in
            context.to[parent] != nil && context.isNew(parent) && isChildThroughout(column.identity, of: parent)
        }
    }

    /// Whether a column goes with its parent's.
    func takes(_ column: CatalogObject) -> Bool {
        let isPartition = table(of: column.identity, in: context.from)?.text(.partitionOf) != nil
        return (isPartition || column.flag(.inherited))
            && parents(of: column).contains { parent in
                (context.to[parent] == nil || context.rebuilt.contains(parent))
                    && isChildThroughout(column.identity, of: parent)
            }
    }

    /// Whether a child table keeps a column that goes from its parent.
    func isLeft(_ column: ObjectIdentity) -> Bool {
        guard let table = column.qualifiedParent else { return false }
        return [CatalogKind.table, .foreignTable].contains { kind in
            context.from.objects(of: kind).contains { child in
                let own = ObjectIdentity(
                    .column,
                    schema: child.identity.schema,
                    parent: child.identity.name,
                    column.name
                )
                return child.list(.inherits).contains(table) && context.from[own] != nil && context.to[own] != nil
                    && !context.isNew(own)
            }
        }
    }

    /// The columns of that name in the tables below, before and after the plan.
    func descendants(of column: ObjectIdentity) -> [(before: CatalogObject, after: CatalogObject)] {
        var found: [(before: CatalogObject, after: CatalogObject)] = []
        var waiting = [column]
        var seen: Set<ObjectIdentity> = [column]
        let namesakes = context.from.objects(of: .column).filter { $0.identity.name == column.name }
        while let parent = waiting.popLast() {
            for child in namesakes where parents(of: child).contains(parent) {
                guard isChildThroughout(child.identity, of: parent), let after = context.to[child.identity],
                    !context.isNew(child.identity), seen.insert(child.identity).inserted
                else { continue }
                found.append((child, after))
                waiting.append(child.identity)
            }
        }
        return found
    }

    /// Whether a parent's column changes in the same way.
    func changes(_ name: AttributeName, of change: ObjectChange) -> Bool {
        guard let column = change.after else { return false }
        return parents(of: column).contains { parent in
            guard let before = context.from[parent], let after = context.to[parent], !context.isNew(parent) else {
                return false
            }
            return before.attributes[name] != after.attributes[name]
                && after.attributes[name] == column.attributes[name] && isChildThroughout(column.identity, of: parent)
        }
    }

    static func names(of table: CatalogObject) -> [String] {
        table.text(.partitionOf).map { [$0] } ?? table.list(.inherits)
    }
}
