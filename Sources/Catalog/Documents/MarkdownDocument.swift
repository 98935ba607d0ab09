import SQLSyntax

/// A catalog as documentation in Markdown: schema by schema, each table with all that belongs to it.
public struct MarkdownDocument: Sendable {
    /// The document.
    public let text: String

    /// Writes the document.
    public init(of catalog: Catalog) {
        var writer = MarkdownWriter(catalog)
        writer.write()
        text = writer.lines.joined(separator: "\n") + "\n"
    }
}

private struct MarkdownWriter {
    private let catalog: Catalog
    private(set) var lines: [String] = []

    init(_ catalog: Catalog) { self.catalog = catalog }

    mutating func write() {
        lines = ["# Schema", ""]
        let standing = catalog.objects.filter { !$0.identity.kind.hasParent }
        let schemas = Set(standing.compactMap(\.identity.schema)).sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
        for schema in schemas {
            lines += ["## \(code(Identifier.quote(schema)))", ""]
            describe(catalog[ObjectIdentity(.schema, schema)])
            for object in standing where object.identity.schema == schema { write(object) }
        }
        let others = standing.filter { $0.identity.schema == nil && $0.identity.kind != .schema }
        if !others.isEmpty {
            lines += ["## Outside of schemas", ""]
            for object in others { write(object) }
        }
        if !catalog.notModelled.isEmpty {
            lines += ["## Not modelled", ""] + catalog.notModelled.map { "- \(escaped($0))" } + [""]
        }
    }

    private mutating func write(_ object: CatalogObject) {
        let kind = object.identity.kind
        let title = object.identity.kind.rawValue
        let name = object.identity.description.dropFirst(title.count + 1)
        lines += ["### \(title.prefix(1).uppercased())\(title.dropFirst()) \(code(String(name)))", ""]
        describe(object)
        switch kind {
        case .table, .foreignTable, .view, .materializedView: writeRelation(object)
        default: writeAttributes(object)
        }
        for child in catalog.children(of: object.identity)
        where ![.column, .viewColumn].contains(child.identity.kind) {
            let definition = child.text(.definition).map { ": \(code($0))" } ?? ""
            let comment = child.text(.comment).map { " — \(escaped($0))" } ?? ""
            lines.append(
                "- \(child.identity.kind.rawValue) \(code(Identifier.quote(child.identity.name)))\(definition)\(comment)"
            )
        }
        if lines.last?.isEmpty == false { lines.append("") }
    }

    private mutating func writeRelation(_ object: CatalogObject) {
        let position = AttributeName(rawValue: "position")
        let columns =
            (catalog.children(of: object.identity, kind: .column)
            + catalog.children(of: object.identity, kind: .viewColumn))
            .sorted { ($0.number(position) ?? 0) < ($1.number(position) ?? 0) }
        if !columns.isEmpty {
            lines += ["| column | type | null | default | comment |", "| --- | --- | --- | --- | --- |"]
            for column in columns {
                let type = column.text(AttributeName(rawValue: "type")).map(code) ?? ""
                let comment = column.text(.comment).map(escaped) ?? ""
                let null = column.flag(.notNull) ? "no" : "yes"
                let cells = [code(Identifier.quote(column.identity.name)), type, null, origin(of: column), comment]
                lines.append("| " + cells.map(Self.cell).joined(separator: " | ") + " |")
            }
            lines.append("")
        }
        writeAttributes(object)
    }

    /// What a column holds where nothing was said.
    private func origin(of column: CatalogObject) -> String {
        if let value = column.text(.default) { return code(value) }
        if let value = column.text(AttributeName(rawValue: "generated")) { return "generated: " + code(value) }
        if let value = column.text(AttributeName(rawValue: "identity")) { return "identity, " + value }
        return ""
    }

    private mutating func writeAttributes(_ object: CatalogObject) {
        let hidden: Set<AttributeName> = [.comment, .definition]
        for (name, value) in object.attributes.sorted(by: { $0.key < $1.key }) where !hidden.contains(name) {
            let words = name.rawValue.map { $0 == "_" ? " " : $0 }
            switch value {
            case .text(let text): lines.append("- \(String(words)): \(code(text))")
            case .number(let number): lines.append("- \(String(words)): \(number)")
            case .flag: lines.append("- \(String(words))")
            case .list(let list): lines.append("- \(String(words)): \(list.map(code).joined(separator: ", "))")
            }
        }
        if lines.last?.isEmpty == false { lines.append("") }
        if let definition = object.text(.definition) {
            let fence = Self.fence(for: definition)
            lines += ["\(fence)sql", definition.trimmed, fence, ""]
        }
    }

    private mutating func describe(_ object: CatalogObject?) {
        if let comment = object?.text(.comment) { lines += [escaped(comment), ""] }
    }

    private func code(_ text: String) -> String {
        let line = String(text.map { $0.isNewline ? " " : $0 })
        var ticks = "`"
        while line.contains(ticks) { ticks += "`" }
        let pad = line.hasPrefix("`") || line.hasSuffix("`") || line.isEmpty ? " " : ""
        return ticks + pad + line + pad + ticks
    }

    private func escaped(_ text: String) -> String {
        var result = ""
        for character in text {
            if character.isNewline {
                result += " "
            } else {
                if "\\`*_[]<>#|".contains(character) { result += "\\" }
                result.append(character)
            }
        }
        return result
    }

    /// A bar ends a cell, even in code.
    private static func cell(_ text: String) -> String {
        var result = ""
        var previous: Character = " "
        for character in text {
            if character == "|" && previous != "\\" { result += "\\" }
            result.append(character)
            previous = character
        }
        return result
    }

    private static func fence(for text: String) -> String {
        var fence = "```"
        while text.contains(fence) { fence += "`" }
        return fence
    }
}

extension String {
    /// The text without line breaks at its end.
    fileprivate var trimmed: String {
        var text = self
        while text.last?.isNewline == true { text.removeLast() }
        return text
    }
}
