import SQLSyntax

/// The tables of a catalog and the foreign keys between them, to be drawn.
public struct EntityDiagram: Sendable {
    /// A table.
    struct Entity: Sendable {
        let name: String
        let columns: [Column]
    }

    /// A column of a table.
    struct Column: Sendable {
        let name: String
        let type: String
        let isPrimaryKey: Bool
        let isForeignKey: Bool
        let isUnique: Bool
        let isNullable: Bool
    }

    /// A foreign key, from the table that has it to the one that it refers to.
    struct Reference: Sendable {
        let from: Int
        let to: Int
        let columns: [String]
        /// Whether a row may refer to nothing.
        let isOptional: Bool
        /// Whether at most one row refers to a row.
        let isUnique: Bool
    }

    let entities: [Entity]
    let references: [Reference]

    /// Takes the tables out of a catalog; partitions are left out, for they are drawn as the table that they belong to.
    public init(of catalog: Catalog) {
        let tables = (catalog.objects(of: .table) + catalog.objects(of: .foreignTable)).filter {
            $0.attributes[AttributeName(rawValue: "partition_of")] == nil
        }
        var positions: [String: Int] = [:]
        var entities: [Entity] = []
        var keys: [[TableKey]] = []
        for (position, table) in tables.enumerated() {
            positions[table.identity.qualifiedName] = position
            let tableKeys = catalog.children(of: table.identity, kind: .constraint).compactMap { constraint in
                constraint.text(.definition).flatMap { TableKey(definition: $0) }
            }
            keys.append(tableKeys)
            entities.append(Self.entity(table, catalog.children(of: table.identity, kind: .column), tableKeys))
        }
        var references: [Reference] = []
        for (position, tableKeys) in keys.enumerated() {
            for key in tableKeys {
                guard let target = key.target, let to = positions[target] else { continue }
                let own = entities[position].columns.filter { key.columns.contains($0.name) }
                references.append(
                    Reference(
                        from: position,
                        to: to,
                        columns: key.columns,
                        isOptional: own.contains(where: \.isNullable),
                        isUnique: tableKeys.contains { $0.isUnique && Set($0.columns).isSubset(of: key.columns) }
                    )
                )
            }
        }
        self.entities = entities
        self.references = references
    }

    private static func entity(_ table: CatalogObject, _ columns: [CatalogObject], _ keys: [TableKey]) -> Entity {
        let position = AttributeName(rawValue: "position")
        return Entity(
            name: table.identity.qualifiedName,
            columns: columns.sorted { ($0.number(position) ?? 0) < ($1.number(position) ?? 0) }.map { column in
                let own = keys.filter { $0.columns.contains(column.identity.name) }
                return Column(
                    name: column.identity.name,
                    type: column.text(AttributeName(rawValue: "type")) ?? "",
                    isPrimaryKey: own.contains { $0.kind == .primary },
                    isForeignKey: own.contains { $0.kind == .foreign },
                    isUnique: own.contains { $0.kind == .unique && $0.columns.count == 1 },
                    isNullable: !column.flag(.notNull)
                )
            }
        )
    }
}

/// A key of a table, read from the text that the server prints of it.
struct TableKey {
    enum Kind { case primary, unique, foreign }

    let kind: Kind
    let columns: [String]
    /// The table that a foreign key refers to, as SQL writes it.
    let target: String?

    var isUnique: Bool { kind != .foreign }

    /// Reads `PRIMARY KEY (a, b)`, `UNIQUE (a)` or `FOREIGN KEY (a) REFERENCES app.t(b)`; nil for anything else.
    init?(definition: String) {
        let heads: [(String, Kind)] = [
            ("PRIMARY KEY (", .primary), ("UNIQUE (", .unique), ("UNIQUE NULLS NOT DISTINCT (", .unique),
            ("FOREIGN KEY (", .foreign),
        ]
        guard let (head, kind) = heads.first(where: { definition.hasPrefix($0.0) }) else { return nil }
        var names = NameScanner(definition.dropFirst(head.count))
        var columns: [String] = []
        while let name = names.next() {
            columns.append(name)
            // A temporal key says of its last column that it is a period, or that ranges do not overlap.
            if name == "PERIOD", let period = names.next() { columns[columns.count - 1] = period }
            guard names.skip(", ") else { break }
        }
        self.kind = kind
        self.columns = columns
        target =
            kind == .foreign
            ? names.rest.firstRange(of: " REFERENCES ").flatMap { range in
                var target = NameScanner(names.rest[range.upperBound...])
                guard let first = target.next() else { return nil }
                guard target.skip("."), let second = target.next() else { return Identifier.quote(first) }
                return Identifier.quote(first) + "." + Identifier.quote(second)
            } : nil
    }
}

/// Reads names as SQL quotes them, one after another.
private struct NameScanner {
    private(set) var rest: Substring

    init(_ text: Substring) { rest = text }

    mutating func next() -> String? {
        guard rest.first == "\"" else {
            let name = rest.prefix { !" ,().\"".contains($0) }
            rest = rest[name.endIndex...]
            if rest.first == " " && name == "PERIOD" { rest = rest.dropFirst() }
            return name.isEmpty ? nil : String(name)
        }
        var name = ""
        repeat {
            if !name.isEmpty { name += "\"" }
            let part = rest.dropFirst().prefix { $0 != "\"" }
            name += part
            rest = rest[part.endIndex...].dropFirst()
        } while rest.first == "\""
        return name
    }

    mutating func skip(_ text: String) -> Bool {
        guard rest.hasPrefix(text) else { return false }
        rest = rest.dropFirst(text.count)
        return true
    }
}
