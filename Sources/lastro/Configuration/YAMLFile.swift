import CYaml
import SourceText

/// The settings of a YAML file, as dotted keys with their values as text: `database.url`, `lint.rules`.
///
/// libyaml reads the file; Lastro needs mappings, lists of scalars and scalars, and refuses the rest.
struct YAMLFile {
    /// A value: one scalar, or a list of them.
    enum Value: Hashable {
        case scalar(String)
        case list([String])
    }

    private(set) var values: [String: Value] = [:]

    /// Reads a file's bytes.
    ///
    /// - Throws: ``ConfigurationError`` at the line and column that cannot be read.
    init(_ bytes: [UInt8], file: String) throws(ConfigurationError) {
        let events = try YAMLEvents(bytes, file: file).events
        var reader = Reader(events: events[...], file: file)
        try reader.document()
        values = reader.values
    }

    private struct Reader {
        var events: ArraySlice<YAMLEvents.Event>
        let file: String
        var values: [String: Value] = [:]

        mutating func document() throws(ConfigurationError) {
            guard let first = events.popFirst() else { return }
            if case .scalar("", _) = first { return }
            guard case .mappingStart = first else {
                throw .unsupportedYAML("a mapping was expected", at: location(first))
            }
            try mapping(prefix: "")
        }

        private mutating func mapping(prefix: String) throws(ConfigurationError) {
            while let event = events.popFirst() {
                switch event {
                case .mappingEnd: return
                case .scalar(let key, let position):
                    try value(of: prefix + key, at: position)
                default: throw .unsupportedYAML("a key was expected", at: location(event))
                }
            }
        }

        private mutating func value(of key: String, at position: SourcePosition) throws(ConfigurationError) {
            guard values[key] == nil else {
                throw .unsupportedYAML(
                    "\"\(key)\" is there twice",
                    at: SourceLocation(file: file, position: position)
                )
            }
            guard let event = events.popFirst() else { return }
            switch event {
            case .scalar(let text, _): values[key] = .scalar(text)
            case .mappingStart: try mapping(prefix: key + ".")
            case .sequenceStart: values[key] = .list(try list())
            default: throw .unsupportedYAML("a value was expected", at: location(event))
            }
        }

        private mutating func list() throws(ConfigurationError) -> [String] {
            var elements: [String] = []
            while let event = events.popFirst() {
                switch event {
                case .sequenceEnd: return elements
                case .scalar(let text, _): elements.append(text)
                default: throw .unsupportedYAML("lists hold plain values only", at: location(event))
                }
            }
            return elements
        }

        private func location(_ event: YAMLEvents.Event) -> SourceLocation {
            SourceLocation(file: file, position: event.position)
        }
    }
}

/// What libyaml's parser sees in a file.
struct YAMLEvents {
    enum Event {
        case scalar(String, SourcePosition)
        case mappingStart(SourcePosition)
        case mappingEnd(SourcePosition)
        case sequenceStart(SourcePosition)
        case sequenceEnd(SourcePosition)

        var position: SourcePosition {
            switch self {
            case .scalar(_, let position), .mappingStart(let position), .mappingEnd(let position),
                .sequenceStart(let position), .sequenceEnd(let position):
                position
            }
        }
    }

    private(set) var events: [Event] = []

    init(_ bytes: [UInt8], file: String) throws(ConfigurationError) {
        let parser = UnsafeMutablePointer<yaml_parser_t>.allocate(capacity: 1)
        yaml_parser_initialize(parser)
        defer {
            yaml_parser_delete(parser)
            parser.deallocate()
        }
        // The parser reads the bytes while it goes, so they stay where they are until the last event.
        let input = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: bytes.count)
        _ = input.initialize(from: bytes)
        defer { input.deallocate() }
        yaml_parser_set_input_string(parser, input.baseAddress, bytes.count)
        while true {
            var event = yaml_event_t()
            guard yaml_parser_parse(parser, &event) == 1 else {
                let problem = parser.pointee.problem.map { String(cString: $0) } ?? "it cannot be read"
                throw .unsupportedYAML(
                    problem,
                    at: SourceLocation(file: file, position: SourcePosition(parser.pointee.problem_mark))
                )
            }
            defer { yaml_event_delete(&event) }
            let position = SourcePosition(event.start_mark)
            switch event.type {
            case YAML_STREAM_END_EVENT: return
            case YAML_SCALAR_EVENT:
                let scalar = event.data.scalar
                let text = UnsafeBufferPointer(start: scalar.value, count: scalar.length)
                events.append(.scalar(String(decoding: text, as: UTF8.self), position))
            case YAML_MAPPING_START_EVENT: events.append(.mappingStart(position))
            case YAML_MAPPING_END_EVENT: events.append(.mappingEnd(position))
            case YAML_SEQUENCE_START_EVENT: events.append(.sequenceStart(position))
            case YAML_SEQUENCE_END_EVENT: events.append(.sequenceEnd(position))
            case YAML_ALIAS_EVENT:
                throw .unsupportedYAML("aliases are not read", at: SourceLocation(file: file, position: position))
            default: break
            }
        }
    }
}

extension SourcePosition {
    fileprivate init(_ mark: yaml_mark_t) {
        self.init(line: mark.line + 1, column: mark.column + 1)
    }
}
