import SourceText

/// Every failure of this module in words.
extension SQLSyntaxError {
    static func unterminated(_ what: String, at offset: Int, in bytes: ArraySlice<UInt8>) -> SQLSyntaxError {
        SQLSyntaxError(
            .unterminated,
            "the \(what) that begins here does not end",
            at: position(offset, in: bytes),
            next: "close it, or look before it for a quote that is one too many"
        )
    }

    static func metaCommand(_ command: ArraySlice<UInt8>, at offset: Int, in bytes: ArraySlice<UInt8>) -> SQLSyntaxError
    {
        let name = String(decoding: command, as: UTF8.self)
        return SQLSyntaxError(
            .metaCommand,
            "\(name) is a command of psql, not SQL",
            at: position(offset, in: bytes),
            next: advice(for: name)
        )
    }

    static func nulCharacter(at offset: Int, in bytes: ArraySlice<UInt8>) -> SQLSyntaxError {
        SQLSyntaxError(
            .nulCharacter,
            "the text holds a NUL character",
            at: position(offset, in: bytes),
            next: "take it out; if there are many, the file is UTF-16: save it as UTF-8"
        )
    }

    static func invalidName(_ name: String, _ why: String, at column: Int) -> SQLSyntaxError {
        SQLSyntaxError(
            .invalidName,
            "\(why) in the name \(name)",
            at: SourcePosition(line: 1, column: column),
            next: "write names as in SQL: schema.table, \"With Blanks\".\"and \"\"quotes\"\"\""
        )
    }

    private static func advice(for command: String) -> String {
        switch command {
        case "\\i", "\\ir", "\\include", "\\include_relative": "put the other file's statements here"
        case "\\c", "\\connect": "one file works on one database: leave it out"
        case "\\restrict", "\\unrestrict": "leave it out; pg_dump writes it for psql alone"
        case "\\set", "\\gset", "\\if", "\\else", "\\elif", "\\endif": "write what it stands for, or use a DO block"
        case "\\copy": "use COPY … FROM STDIN with the data behind it"
        case "\\.": "it ends the data of a COPY … FROM STDIN; there is none here"
        default: "leave it out"
        }
    }

    private static func position(_ offset: Int, in bytes: ArraySlice<UInt8>) -> SourcePosition {
        LineIndex(utf8: bytes).position(ofByte: offset - bytes.startIndex)
    }
}
