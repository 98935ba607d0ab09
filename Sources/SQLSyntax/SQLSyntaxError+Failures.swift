import SourceText

extension SQLSyntaxError {
    static func cannotSplit(_ failure: SplitFailure, text: [UInt8], file: String?) -> SQLSyntaxError {
        func error(_ code: Code, at offset: Int, _ message: String, next: String) -> SQLSyntaxError {
            let position = LineIndex(utf8: text).position(ofByte: offset)
            return SQLSyntaxError(code: code, message: message, file: file, position: position, next: next)
        }
        switch failure {
        case .unterminated(let token):
            let (message, next) = words(for: token, text: text)
            return error(.unterminated, at: token.opening, message, next: next)
        case .nul(let offset):
            return error(
                .zeroByte,
                at: offset,
                "a zero byte, which PostgreSQL accepts in no text",
                next: "remove it; if there are many, the file is not UTF-8 but UTF-16: convert it"
            )
        case .metaCommand(let offset):
            let command = MetaCommand(in: text, at: offset)
            return error(.metaCommand, at: offset, "\(command.name) is a psql command, not SQL", next: command.advice)
        case .unmatchedParenthesis(let offset):
            return error(
                .unbalancedParenthesis,
                at: offset,
                "this closing parenthesis has no opening one in its statement",
                next: "remove it, or look for a semicolon too early in the statement"
            )
        case .unclosedParenthesis(let offset):
            return error(
                .unbalancedParenthesis,
                at: offset,
                "the parenthesis that opens here is not closed before the end of the text",
                next: "close it; until then, no semicolon ends the statement"
            )
        case .unclosedBody(let offset):
            return error(
                .unterminatedBody,
                at: offset,
                "BEGIN ATOMIC without its END",
                next: "end the body with END; every statement in it, the last one too, ends with a semicolon"
            )
        case .textBeforeCopyData(let offset):
            return error(
                .textBeforeCopyData,
                at: offset,
                "more text on the line of COPY … FROM STDIN, whose data begin on the next line",
                next: #"move it behind the line \. that ends the data"#
            )
        }
    }

    private static func words(for token: UnterminatedToken, text: [UInt8]) -> (message: String, next: String) {
        switch token.kind {
        case .string:
            return (
                "the string that begins here is not closed",
                "close it with '; a ' inside it is written ''"
            )
        case .quotedIdentifier:
            return (
                "the quoted name that begins here is not closed",
                "close it with \"; a \" inside it is written \"\""
            )
        case .dollarQuote(let tag):
            let tag = String(decoding: text[tag], as: UTF8.self)
            return ("the text that \(tag) begins here is not closed", "close it with \(tag), in the same case")
        case .comment:
            return (
                "the comment that begins here is not closed",
                "close it with */; a /* inside it needs a */ of its own"
            )
        }
    }
}

extension SQLSyntaxError {
    /// What is wrong with a name.
    enum NameFault {
        case missingPart, emptyPart, unclosedQuote, textBehind, tooManyParts
    }

    static func invalidName(_ name: String, at offset: Int, _ fault: NameFault) -> SQLSyntaxError {
        let (what, next) =
            switch fault {
            case .missingPart:
                ("a part of the name is missing here", "write letters, digits and underscores, or put it in \"…\"")
            case .emptyPart:
                ("a part of the name is empty", "write something between the quotes")
            case .unclosedQuote:
                ("the quoted part that begins here is not closed", "close it with \"; a \" inside it is written \"\"")
            case .textBehind:
                ("something other than a dot follows the name here", "put the part in \"…\" if it belongs to the name")
            case .tooManyParts:
                ("more parts than a database, a schema and a name", "put a part with dots in it in \"…\"")
            }
        return SQLSyntaxError(
            code: .invalidName,
            message: "\(name.isEmpty ? "an empty text" : name) is no name: \(what)",
            file: nil,
            position: LineIndex(name).position(ofByte: offset),
            next: next
        )
    }
}

extension SQLSyntaxError {
    static func parserFailed(_ reason: String) -> SQLSyntaxError {
        SQLSyntaxError(
            code: .parserFailure,
            message: "the parser stopped for a reason that is not in the text: \(reason)",
            file: nil,
            position: nil,
            next: "try again with more memory; if it stays, report the text that does it"
        )
    }

    static func textTooLong(_ count: Int) -> SQLSyntaxError {
        SQLSyntaxError(
            code: .tooComplex,
            message: "a text of \(count) bytes is too long for the parser",
            file: nil,
            position: nil,
            next: "split the file"
        )
    }
}
