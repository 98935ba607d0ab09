import Foundation
public import Logging

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// Writes one JSON object a line, for machines that collect logs.
///
/// `time` (UTC, to the millisecond), `level`, `logger` and `message` are always there; `request_id`, `job_id`, `trace_id` and `span_id`
/// where they are known; then `error` and what else was said. Secrets are masked, see ``Redaction``.
///
/// ```swift
/// LoggingSystem.bootstrap { JSONLogHandler(label: $0) }
/// ```
public struct JSONLogHandler: LogHandler {
    /// What takes a line, with its line feed; lines of several tasks must not be mixed.
    public typealias Sink = @Sendable ([UInt8]) -> Void

    /// What is said with each line.
    public var metadata: Logger.Metadata = [:]
    /// What is looked up for each line.
    public var metadataProvider: Logger.MetadataProvider?
    /// The least level that is written.
    public var logLevel: Logger.Level
    private let label: String
    private let redaction: Redaction
    private let sink: Sink

    /// Makes a handler.
    ///
    /// - Parameters:
    ///   - label: the logger's name.
    ///   - level: the least level that is written.
    ///   - redaction: what masks secrets.
    ///   - metadataProvider: what is looked up for each line.
    ///   - sink: what takes lines: standard error, in one write each.
    public init(
        label: String,
        level: Logger.Level = .info,
        redaction: Redaction = Redaction(),
        metadataProvider: Logger.MetadataProvider? = nil,
        sink: @escaping Sink = JSONLogHandler.standardError
    ) {
        self.label = label
        logLevel = level
        self.redaction = redaction
        self.metadataProvider = metadataProvider
        self.sink = sink
    }

    /// Writes to standard error.
    public static let standardError: Sink = { line in
        var rest = line[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { FileDescriptors.write(2, $0) }
            // Nobody reads any more: there is no place left to say so.
            guard count > 0 || (count < 0 && errno == EINTR) else { return }
            rest = rest.dropFirst(max(count, 0))
        }
    }

    /// One entry of the metadata of every line.
    public subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    /// Writes a line.
    public func log(event: LogEvent) {
        var all = metadata
        if let provided = metadataProvider?.get() { all.merge(provided) { $1 } }
        if let own = event.metadata { all.merge(own) { $1 } }
        if let id = all.removeValue(forKey: "hb.request.id"), all["request_id"] == nil { all["request_id"] = id }
        if let trace = TraceContext.current {
            if all["trace_id"] == nil { all["trace_id"] = "\(trace.traceID)" }
            if all["span_id"] == nil { all["span_id"] = "\(trace.spanID)" }
        }
        var line = JSONText()
        line.begin()
        line.add("time", Date.now.formatted(Self.timeFormat))
        line.add("level", event.level.rawValue)
        line.add("logger", label)
        line.add("message", redaction("\(event.message)"))
        for key in ["request_id", "job_id", "trace_id", "span_id"] {
            if let value = all.removeValue(forKey: key) { line.add(key, redaction("\(value)")) }
        }
        if let error = event.error { line.add("error", redaction("\(error)")) }
        for (key, value) in all.sorted(by: { $0.key < $1.key }) {
            // A name that the line has already would be read once only.
            let isTaken =
                ["time", "level", "logger", "message"].contains(key) || (key == "error" && event.error != nil)
            line.name(isTaken ? "metadata_\(key)" : key)
            write(value, named: key, to: &line)
        }
        line.end()
        sink(line.line)
    }

    private static let timeFormat = Date.ISO8601FormatStyle(includingFractionalSeconds: true)

    private func write(_ value: Logger.MetadataValue, named name: String, to line: inout JSONText) {
        if redaction.hides(name) { return line.value("***") }
        switch value {
        case .string(let text): line.value(redaction(text))
        case .stringConvertible(let value): line.value(redaction("\(value)"))
        case .array(let values):
            line.beginArray()
            for value in values { write(value, named: name, to: &line) }
            line.endArray()
        case .dictionary(let values):
            line.begin()
            for (key, value) in values.sorted(by: { $0.key < $1.key }) {
                line.name(key)
                write(value, named: key, to: &line)
            }
            line.end()
        @unknown default: line.value(redaction("\(value)"))
        }
    }
}

/// The system's call, which has the name of a method of the handler.
private enum FileDescriptors {
    static func write(_ descriptor: Int32, _ bytes: UnsafeRawBufferPointer) -> Int {
        Glibc.write(descriptor, bytes.baseAddress, bytes.count)
    }
}

/// JSON that is written from left to right.
private struct JSONText {
    private var bytes: [UInt8] = []
    private var needsComma = false

    init() { bytes.reserveCapacity(512) }

    /// What was written, as a line.
    var line: [UInt8] { bytes + [UInt8(ascii: "\n")] }

    mutating func begin() { open("{") }
    mutating func end() { close("}") }
    mutating func beginArray() { open("[") }
    mutating func endArray() { close("]") }

    mutating func add(_ name: String, _ text: String) {
        self.name(name)
        value(text)
    }

    mutating func name(_ name: String) {
        separate()
        quote(name)
        bytes.append(UInt8(ascii: ":"))
        needsComma = false
    }

    mutating func value(_ text: String) {
        separate()
        quote(text)
        needsComma = true
    }

    private mutating func open(_ character: Unicode.Scalar) {
        separate()
        bytes.append(UInt8(ascii: character))
        needsComma = false
    }

    private mutating func close(_ character: Unicode.Scalar) {
        bytes.append(UInt8(ascii: character))
        needsComma = true
    }

    private mutating func separate() { if needsComma { bytes.append(UInt8(ascii: ",")) } }

    private mutating func quote(_ text: String) {
        bytes.append(UInt8(ascii: "\""))
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"):
                bytes += [UInt8(ascii: "\\"), byte]
            case UInt8(ascii: "\n"): bytes += Array("\\n".utf8)
            case 0..<0x20, 0x7F:
                let digits = String(byte, radix: 16)
                bytes += Array("\\u00\(digits.count == 1 ? "0" : "")\(digits)".utf8)
            default: bytes.append(byte)
            }
        }
        bytes.append(UInt8(ascii: "\""))
    }
}
