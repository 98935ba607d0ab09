/// String constants, as PostgreSQL reads them.
public enum Literal {
    /// A text as a string constant, as `quote_literal` on the server gives it: with `E''` if it holds backslashes.
    public static func quote(_ text: String) -> String {
        let quoted = text.replacing("'", with: "''")
        guard text.utf8.contains(UInt8(ascii: "\\")) else { return "'\(quoted)'" }
        return "E'\(quoted.replacing("\\", with: "\\\\"))'"
    }
}
