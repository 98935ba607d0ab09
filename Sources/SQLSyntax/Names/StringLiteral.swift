/// Text constants.
public enum StringLiteral {
    /// Returns a text as a constant that every setting of the server reads alike, as by `quote_literal`.
    ///
    /// A backslash makes it an E'…' constant. A zero byte cannot be written in any way, and the server refuses it.
    public static func quote(_ text: String) -> String {
        var quoted = text.utf8.contains(UInt8(ascii: "\\")) ? "E'" : "'"
        for scalar in text.unicodeScalars {
            if scalar == "'" || scalar == "\\" { quoted.unicodeScalars.append(scalar) }
            quoted.unicodeScalars.append(scalar)
        }
        return quoted + "'"
    }
}
