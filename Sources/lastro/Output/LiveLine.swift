import SystemPackage

/// One line at the bottom of a terminal that is drawn over again; nothing where there is no terminal.
struct LiveLine {
    private let width: Int?
    private(set) var isDrawn = false

    /// Makes a line for standard error, where progress goes.
    init(isQuiet: Bool) {
        width = isQuiet ? nil : TextStyle(for: .standardError, usesColor: false).width
    }

    /// Whether there is a terminal to draw on.
    var isShown: Bool { width != nil }

    /// Draws the line over what it was.
    mutating func draw(_ text: String) {
        guard let width else { return }
        write("\r\u{1B}[2K" + text.prefix(max(0, width - 1)))
        isDrawn = true
    }

    /// Takes the line away, before something else is printed.
    mutating func clear() {
        guard isDrawn else { return }
        write("\r\u{1B}[2K")
        isDrawn = false
    }

    private func write(_ text: String) {
        _ = try? FileDescriptor.standardError.writeAll(text.utf8)  // nobody watches any more: the work goes on
    }
}

extension String {
    /// The text with its control characters written out, so that it cannot command a terminal.
    var printable: String { escaping { $0.isControl && $0 != "\n" && $0 != "\t" } }

    /// The same, with line ends and tabs written out too.
    var printableLine: String { escaping(\.isControl) }

    private func escaping(_ isEscaped: (Unicode.Scalar) -> Bool) -> String {
        // Of printing ASCII nothing is ever escaped, and the properties of a scalar are slow to look up.
        if utf8.allSatisfy({ $0 >= 0x20 && $0 < 0x7f }) { return self }
        guard unicodeScalars.contains(where: isEscaped) else { return self }
        return unicodeScalars.reduce(into: "") { text, scalar in
            text += isEscaped(scalar) ? scalar.escaped(asASCII: true) : String(scalar)
        }
    }
}

extension Unicode.Scalar {
    fileprivate var isControl: Bool { properties.generalCategory == .control }
}
