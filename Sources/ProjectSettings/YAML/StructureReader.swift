package import SourceText

/// Reads the parts of a list or group of `lastro.yaml`.
package struct StructureReader {
    package let file: String
    /// The key that the parts stand under.
    package let key: String

    package init(file: String, key: String) {
        self.file = file
        self.key = key
    }

    package func location(_ position: SourcePosition) -> SourceLocation {
        SourceLocation(file: file, position: position)
    }

    package func mistake(_ message: String, at position: SourcePosition, next: String) -> ConfigurationError {
        .badPart(message, of: key, at: location(position), next: next)
    }

    /// The parts of a mapping, none of them with a key that is not known.
    package func fields(
        _ node: YAMLFile.Node,
        known: [String],
        example: String
    ) throws(ConfigurationError) -> [String: (text: String, position: SourcePosition)] {
        guard case .mapping(let entries) = node.content else {
            throw mistake("\(known[0]) and its like were expected", at: node.position, next: "write \(example)")
        }
        var fields: [String: (text: String, position: SourcePosition)] = [:]
        for entry in entries {
            guard known.contains(entry.key) else {
                let near = known.nearest(to: entry.key).map { "did you mean \"\($0)\"? " } ?? ""
                throw mistake(
                    "\"\(entry.key)\" is not known here",
                    at: entry.position,
                    next: near + "there are \(known.joined(separator: ", "))"
                )
            }
            switch entry.value.content {
            case .scalar(let text) where !text.isEmpty: fields[entry.key] = (text, entry.value.position)
            case .list(let nodes):
                let texts = nodes.compactMap { if case .scalar(let text) = $0.content { text } else { nil } }
                guard texts.count == nodes.count, !texts.isEmpty else {
                    throw .noSingleValue("\(key).\(entry.key)", at: location(entry.value.position))
                }
                fields[entry.key] = (texts.joined(separator: ", "), entry.value.position)
            case .mapping: throw .noSingleValue("\(key).\(entry.key)", at: location(entry.value.position))
            default: throw .noValue("\(key).\(entry.key)", at: location(entry.position))
            }
        }
        return fields
    }
}

extension YAMLFile.Content {
    /// How many parts it has.
    package var count: Int {
        switch self {
        case .none: 0
        case .scalar: 1
        case .list(let nodes): nodes.count
        case .mapping(let entries): entries.count
        }
    }
}
