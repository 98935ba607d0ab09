import SystemPackage

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// How text looks on the terminal, file or pipe that it goes to.
struct TextStyle: Sendable {
    /// The terminal's width in columns; nil where there is no terminal.
    let width: Int?
    private let usesColor: Bool

    init(for file: FileDescriptor, usesColor: Bool) {
        let isTerminal = isatty(file.rawValue) == 1
        let environment = ProcessInfo.processInfo.environment
        let isAllowed = (environment["NO_COLOR"] ?? "").isEmpty && environment["TERM"] != "dumb"
        self.usesColor = usesColor && isTerminal && isAllowed
        var size = winsize()
        let isKnown = isTerminal && ioctl(file.rawValue, UInt(TIOCGWINSZ), &size) == 0 && size.ws_col > 0
        width = isKnown ? Int(size.ws_col) : nil
    }

    /// A style without a terminal.
    static let plain = TextStyle(width: nil, usesColor: false)

    private init(width: Int?, usesColor: Bool) {
        self.width = width
        self.usesColor = usesColor
    }

    func good(_ text: String) -> String { colored(text, "32") }
    func warning(_ text: String) -> String { colored(text, "33") }
    func bad(_ text: String) -> String { colored(text, "31") }
    func faint(_ text: String) -> String { colored(text, "2") }
    func strong(_ text: String) -> String { colored(text, "1") }

    private func colored(_ text: String, _ code: String) -> String {
        usesColor ? "\u{1B}[\(code)m\(text)\u{1B}[0m" : text
    }
}

/// Rows in aligned columns; a row that is too wide for the terminal is cut in its last column.
struct TextTable {
    /// A cell: its text, and how it is styled once the widths are known.
    struct Cell {
        let text: String
        let style: (String) -> String

        /// Makes a cell of one line, whatever the text holds.
        init(_ text: String, style: @escaping (String) -> String = { $0 }) {
            self.text = text.printableLine
            self.style = style
        }

        /// Makes a cell, the last one of its row, of several lines.
        init(lines text: String, indentedBy indent: Int) {
            self.text = text.printable.replacing("\n", with: "\n" + String(repeating: " ", count: indent))
            style = { $0 }
        }
    }

    let rows: [[Cell]]

    func text(width: Int?) -> String {
        // Cut to a few columns it would say nothing: the terminal breaks the lines.
        let width = width.flatMap { $0 < 40 ? nil : $0 }
        let columns = rows.map(\.count).max() ?? 0
        let widths = (0..<columns).map { column in
            rows.map { $0.indices.contains(column) ? $0[column].text.count : 0 }.max() ?? 0
        }
        return rows.map { row in
            var line = ""
            var used = 0
            for (column, cell) in row.enumerated() {
                let isLast = column == row.count - 1
                var text = cell.text
                if let width, used + text.count > width { text = String(text.prefix(max(0, width - used))) }
                line += cell.style(text)
                used += text.count
                guard !isLast, row[(column + 1)...].contains(where: { !$0.text.isEmpty }) else { continue }
                let gap = widths[column] - cell.text.count + 2
                line += String(repeating: " ", count: gap)
                used += gap
            }
            return line
        }.joined(separator: "\n")
    }
}
