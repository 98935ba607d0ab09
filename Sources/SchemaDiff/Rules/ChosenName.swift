import SQLSyntax

/// The names that the server chooses by itself for what belongs to a column: `table_column_label`.
enum ChosenName {
    /// Shortens the longer of the two names until everything fits, as the server does it.
    static func of(_ table: String, _ column: String, _ label: String) -> String {
        var lengths = (table.utf8.count, column.utf8.count)
        let available = Identifier.maximumLength - label.utf8.count - 2
        while lengths.0 + lengths.1 > available {
            if lengths.0 > lengths.1 { lengths.0 -= 1 } else { lengths.1 -= 1 }
        }
        return "\(clipped(table, lengths.0))_\(clipped(column, lengths.1))_\(label)"
    }

    /// The start of a name, no longer than so many bytes, up to the end of a character.
    private static func clipped(_ name: String, _ length: Int) -> String {
        var end = name.utf8.index(name.utf8.startIndex, offsetBy: length)
        while end < name.utf8.endIndex, name.utf8[end] & 0b1100_0000 == 0b1000_0000 {
            end = name.utf8.index(before: end)
        }
        return String(decoding: name.utf8[..<end], as: UTF8.self)
    }
}
