import SQLSyntax
public import SourceText

/// A query of the application: its name, its SQL, and what its file says of how it is run.
public struct Query: Sendable {
    /// What the application calls it.
    public let name: String
    /// Where its name stands; the beginning of the file, if that names it.
    public let location: SourceLocation
    /// The text that it stands in.
    let script: SQLScript
    /// Its statements, mostly one.
    let statements: [SQLStatement]
    /// What is said of it.
    let directives: QueryDirectives
}

/// What the comments above a query say of it.
struct QueryDirectives: Sendable {
    /// A line of SQL or a word, and the byte of the file at which its comment begins.
    struct Entry: Sendable {
        let text: String
        let offset: Int
    }

    /// The types of its parameters, by the parameters' names.
    var types: [String: Entry] = [:]
    /// What is made before it, for itself alone.
    var setup: [Entry] = []
    /// The role that runs it.
    var role: Entry?
    /// Where it looks for names.
    var searchPath: Entry?

    /// Takes in a comment.
    ///
    /// - Returns: false if it is one like any other.
    mutating func take(_ comment: Comment) -> Bool {
        guard comment.isLineComment, let colon = comment.text.firstIndex(of: ":") else { return false }
        let text = comment.text[comment.text.index(after: colon)...].trimmingBlanks
        let entry = Entry(text: text, offset: comment.range.lowerBound)
        switch comment.text[..<colon] {
        case "param":
            let words = text.split(maxSplits: 1, whereSeparator: \.isWhitespace)
            guard words.count == 2 else { return false }
            let name = words[0].drop { $0 == ":" || $0 == "$" }.lowercased()
            types[name] = Entry(text: words[1].trimmingBlanks, offset: entry.offset)
        case "setup": setup.append(entry)
        case "role": role = entry
        case "search-path": searchPath = entry
        default: return false
        }
        return true
    }
}

extension StringProtocol {
    /// The text without blanks at its beginning and end.
    var trimmingBlanks: String {
        String(drop(while: \.isWhitespace).reversed().drop(while: \.isWhitespace).reversed())
    }
}
