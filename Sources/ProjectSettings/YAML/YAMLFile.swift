package import SourceText

/// A YAML file as a tree: mappings, lists and scalars, each with its place in the file.
///
/// libyaml reads the file; aliases are refused.
package struct YAMLFile {
    /// A value with the place where it begins.
    package struct Node: Hashable, Sendable {
        package let content: Content
        package let position: SourcePosition
    }

    /// What a value is: nothing at all for `role:`, `role: ~` and `role: null`.
    package indirect enum Content: Hashable, Sendable {
        case none
        case scalar(String)
        case list([Node])
        case mapping([Entry])
    }

    /// A key of a mapping with its value.
    package struct Entry: Hashable, Sendable {
        package let key: String
        package let position: SourcePosition
        package let value: Node
    }

    /// The file's own mapping; empty for a file that holds nothing.
    package let entries: [Entry]

    /// Reads a file's bytes.
    ///
    /// - Throws: ``ConfigurationError`` at the line and column that cannot be read.
    package init(_ bytes: [UInt8], file: String) throws(ConfigurationError) {
        var reader = Reader(events: try YAMLEvents(bytes, file: file).events[...], file: file)
        guard let root = try reader.node() else {
            entries = []
            return
        }
        switch root.content {
        case .none: entries = []
        case .mapping(let entries): self.entries = entries
        default:
            throw .unsupportedYAML("a mapping was expected", at: SourceLocation(file: file, position: root.position))
        }
    }

    private struct Reader {
        var events: ArraySlice<YAMLEvents.Event>
        let file: String

        /// The next value; nil at the end of what it stands in.
        mutating func node() throws(ConfigurationError) -> Node? {
            guard let event = events.popFirst() else { return nil }
            switch event {
            case .mappingEnd, .sequenceEnd: return nil
            case .scalar(let text, let isPlain, let position):
                let isNone = isPlain && ["", "~", "null"].contains(text)
                return Node(content: isNone ? .none : .scalar(text), position: position)
            case .mappingStart(let position): return Node(content: .mapping(try entries()), position: position)
            case .sequenceStart(let position):
                var elements: [Node] = []
                while let element = try node() { elements.append(element) }
                return Node(content: .list(elements), position: position)
            }
        }

        private mutating func entries() throws(ConfigurationError) -> [Entry] {
            var entries: [Entry] = []
            while let event = events.popFirst() {
                if case .mappingEnd = event { break }
                guard case .scalar(let key, _, let position) = event else {
                    throw .unsupportedYAML("a key was expected", at: location(event.position))
                }
                guard !entries.contains(where: { $0.key == key }) else {
                    throw .unsupportedYAML("\"\(key)\" is there twice", at: location(position))
                }
                guard let value = try node() else { break }
                entries.append(Entry(key: key, position: position, value: value))
            }
            return entries
        }

        private func location(_ position: SourcePosition) -> SourceLocation {
            SourceLocation(file: file, position: position)
        }
    }
}
