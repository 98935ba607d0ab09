import ProjectSettings
import SystemPackage

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// A result that a command prints: a JSON object for machines, a text for people.
protocol Report: Encodable {
    /// The result for people, styled for the terminal it goes to.
    func text(style: TextStyle) -> String
    /// The result in a format of its own; nil where it has none.
    func text(in format: OutputFormat) -> String?
}

extension Report {
    func text(in format: OutputFormat) -> String? { nil }
}

/// The only way to standard output; errors and progress go to standard error.
struct OutputWriter: Sendable {
    let format: OutputFormat
    let isQuiet: Bool
    let style: TextStyle
    /// Where results go: standard error where standard output belongs to somebody else.
    private let file: FileDescriptor

    init(format: OutputFormat, isQuiet: Bool, usesColor: Bool, to file: FileDescriptor = .standardOutput) {
        self.format = format
        self.isQuiet = isQuiet
        self.file = file
        style = TextStyle(for: file, usesColor: usesColor)
    }

    /// Prints a result: one JSON object, or its text.
    func write(_ report: some Report) throws {
        switch format {
        case .json: Self.write(try json(report), to: file)
        case .text: if !isQuiet { Self.write(report.text(style: style), to: file) }
        default:
            Self.write(report.text(in: format) ?? report.text(style: style), to: file)
        }
    }

    /// Prints an event of a long command: one JSON object on a line, or its text if it has one.
    func write(event: some Encodable, text: String?) throws {
        switch format {
        case .json: Self.write(try json(event), to: file)
        default: if let text, !isQuiet { Self.write(text, to: file) }
        }
    }

    /// Says something that is no result, on standard error.
    func note(_ text: String) {
        if !isQuiet { Self.report(text) }
    }

    static func print(_ text: String) { write(text, to: .standardOutput) }

    /// Prints a large text, which is given as the bytes of its pieces.
    static func print(pieces: [[UInt8]]) { StandardStreams.write(pieces, to: .standardOutput) }

    static func report(_ text: String) { write(text, to: .standardError) }

    private static func write(_ text: String, to file: FileDescriptor) {
        StandardStreams.write([Array(text.utf8)], to: file)
    }

    private func json(_ value: some Encodable) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        encoder.dateEncodingStrategy = .iso8601
        encoder.keyEncodingStrategy = .convertToSnakeCase
        return String(decoding: try encoder.encode(value), as: UTF8.self)
    }
}
