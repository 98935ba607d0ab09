import CYaml
import SourceText

/// What libyaml's parser sees in a file.
struct YAMLEvents {
    enum Event {
        case scalar(String, isPlain: Bool, SourcePosition)
        case mappingStart(SourcePosition)
        case mappingEnd(SourcePosition)
        case sequenceStart(SourcePosition)
        case sequenceEnd(SourcePosition)

        var position: SourcePosition {
            switch self {
            case .scalar(_, _, let position), .mappingStart(let position), .mappingEnd(let position),
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
                let isPlain = scalar.style == YAML_PLAIN_SCALAR_STYLE
                events.append(.scalar(String(decoding: text, as: UTF8.self), isPlain: isPlain, position))
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
