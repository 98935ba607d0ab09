/// A backslash command of psql that stands in a text of SQL, and what to write instead.
struct MetaCommand {
    /// The command with its backslash, such as `\echo`.
    let name: String

    init(in text: [UInt8], at backslash: Int) {
        let rest = text[(backslash + 1)...]
        let letters = rest.prefix { $0.startsWord || $0.isDigit }
        var end = letters.isEmpty ? min(backslash + 2, text.count) : letters.endIndex
        if !letters.isEmpty, end < text.count, text[end] == UInt8(ascii: "+") { end += 1 }
        let name = String(decoding: text[backslash..<end], as: UTF8.self)
        // A lone backslash at the end of a line names no command.
        self.name = name.utf8.last.map { $0 <= .space } == true ? "\\" : name
    }

    var advice: String {
        switch name {
        case "\\i", "\\ir", "\\include", "\\include_relative":
            "put that file's statements here"
        case "\\echo", "\\qecho", "\\warn":
            "write a comment, or DO $$ BEGIN RAISE NOTICE '…'; END $$"
        case "\\set", "\\unset", "\\prompt", "\\getenv":
            "write the value into the statement"
        case "\\g", "\\gx", "\\p", "\\r", "\\;":
            "end the statement with a semicolon"
        case "\\gexec", "\\gset", "\\gdesc", "\\crosstabview", "\\watch":
            "write DO $$ … EXECUTE format(…) … $$ to run what a query returns"
        case "\\copy":
            "write COPY … FROM STDIN; with the data on the lines behind it, up to a line \\."
        case "\\.":
            "remove it; it ends the data of COPY … FROM STDIN, and there is none before it"
        case "\\restrict", "\\unrestrict":
            "remove the line; pg_dump writes it for psql alone"
        case "\\c", "\\connect":
            "remove it; the statements run in the database that was connected to"
        case "\\if", "\\elif", "\\else", "\\endif":
            "decide in SQL: DO $$ BEGIN IF … THEN … END IF; END $$"
        case "\\":
            "remove the backslash; outside of quotes it means nothing in SQL"
        default:
            "remove it; only psql knows it, and it does nothing to the database that SQL could not do"
        }
    }
}
