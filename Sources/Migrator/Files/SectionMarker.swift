/// The line with which dbmate or goose begins a part of a file, or says something else about it.
struct SectionMarker {
    /// What a marker says.
    enum Meaning: Hashable {
        case begins(MigrationSource.Section)
        case gooseNoTransaction
        /// One that changes nothing here, such as StatementBegin: statements are told apart by the server's own rules.
        case gooseIgnored
        /// One of goose that Lastro does not know.
        case gooseUnknown(String)
    }

    let meaning: Meaning
    /// What stands behind dbmate's marker: its options.
    let options: Substring

    /// Reads a line; nil if it is no marker.
    init?(line: UnsafeRawBufferPointer) {
        guard line.count > 4, line[0] == UInt8(ascii: "-"), line[1] == UInt8(ascii: "-") else { return nil }
        guard let start = line.indices.dropFirst(2).first(where: { !line[$0].isBlank }) else { return nil }
        // Nearly every comment goes here, and costs no string.
        guard line[start] == UInt8(ascii: "+") || line[start] == UInt8(ascii: "m") else { return nil }
        let words = String(decoding: line[start...], as: UTF8.self)
            .split { $0.isWhitespace }
        switch words.first {
        case "migrate:up"?: meaning = .begins(.dbmateUp)
        case "migrate:down"?: meaning = .begins(.dbmateDown)
        case "+goose"?:
            let annotation = words.dropFirst().joined(separator: " ").uppercased()
            meaning =
                switch annotation {
                case "UP": .begins(.gooseUp)
                case "DOWN": .begins(.gooseDown)
                case "NO TRANSACTION": .gooseNoTransaction
                case "STATEMENTBEGIN", "STATEMENTEND", "ENVSUB OFF": .gooseIgnored
                default: .gooseUnknown(words.dropFirst().joined(separator: " "))
                }
        default: return nil
        }
        options = words.dropFirst().joined(separator: " ")[...]
    }

    /// The layout whose marker stands first in a file, in a line of its own above the first statement; nil if there is
    /// none.
    ///
    /// Every file of a folder is asked this in every run, so it looks at leading comments only.
    static func layout(of content: UnsafeRawBufferPointer) -> MigrationLayout? {
        var start = content.starts(with: byteOrderMark) ? 3 : 0
        while start < content.count {
            let rest = UnsafeRawBufferPointer(rebasing: content[start...])
            let line = UnsafeRawBufferPointer(rebasing: rest[..<(rest.offset(of: .newline) ?? rest.count)])
            let first = line.first { !$0.isBlank } ?? .newline
            guard first == UInt8(ascii: "-") || first == .newline else { return nil }
            switch SectionMarker(line: line)?.meaning {
            case nil: break
            case .begins(.dbmateUp)?, .begins(.dbmateDown)?: return .dbmate
            default: return .goose
            }
            start += line.count + 1
        }
        return nil
    }
}

extension UInt8 {
    /// Whether it is white space within a line; a carriage return at a line's end counts as such.
    var isBlank: Bool { self == .space || self == UInt8(ascii: "\t") || self == .carriageReturn }
}
