import CPgQuery

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// The body of a PL/pgSQL function or of a DO block, as PostgreSQL's own parser of the language reads it.
public struct ProceduralBody: Sendable {
    /// A statement of the language.
    public indirect enum Statement: Sendable {
        /// SQL that stands in the body, with its line in the body, counted from 1.
        case sql(String, line: Int)
        /// An expression or a query whose result is used; it is not a whole statement where it is an expression.
        case query(String, line: Int)
        /// An expression whose value is assigned or returned, or ends a loop.
        case expression(String, line: Int)
        /// COMMIT or ROLLBACK.
        case transactionEnd(String, line: Int)
        /// EXECUTE, with the expression that makes the text.
        case dynamic(String, line: Int)
        /// Statements of which one list, or none, runs; each list with its condition, nil for ELSE.
        case branches([(condition: String?, body: [Statement])], line: Int)
        /// Statements that run any number of times.
        case loop([Statement], line: Int)
        /// A block with handlers of errors.
        case block([Statement], handlers: [Handler], line: Int)
        /// Anything else, and whether it is a RAISE that ends what stands around it.
        case other(line: Int, raises: Bool)
    }

    /// What is done when an error comes.
    public struct Handler: Sendable {
        /// The names of the errors, such as `duplicate_object` or `others`.
        public let conditions: [String]
        /// The statements.
        public let body: [Statement]
    }

    /// The statements.
    public let statements: [Statement]
    /// The names of variables and parameters.
    public let variables: Set<String>

    /// Why a body was not read.
    public struct Failure: Error, Hashable, Sendable {
        /// The parser's words.
        public let message: String
        /// Whether the server says so as well: without a catalog, the parser knows no fields of rows, no cursors, and little of
        /// what a function takes and returns.
        public let isCertain: Bool

        init(message: String, isCertain: Bool = true) {
            self.message = message
            self.isCertain = isCertain
        }

        /// What the parser says against a statement's body.
        fileprivate init(message: String, in text: String) {
            let certain = [
                "syntax error", "unterminated", "unexpected end of function definition", "mismatched", "missing \"",
                "duplicate declaration", "there is no label", "end label", "cannot use RETURN",
            ]
            let lowercased = text.lowercased()
            let namesParameter = zip(lowercased.utf8, lowercased.utf8.dropFirst()).contains { first, second in
                first == UInt8(ascii: "$") && (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(second)
            }
            self.init(
                message: message,
                isCertain: certain.contains(where: message.hasPrefix) && !namesParameter
                    && !lowercased.contains("cursor")
            )
        }
    }

    /// Reads the body of a `CREATE FUNCTION`, `CREATE PROCEDURE` or `DO`.
    ///
    /// - Parameter parsed: the whole statement.
    /// - Throws: ``Failure`` with what the parser says against it.
    public init(of parsed: ParsedStatement) throws(Failure) {
        let body: String? =
            switch parsed.node {
            case .createRoutine(let routine): routine.body
            case .doBlock(let block): block.body
            default: nil
            }
        // Without a text the parser does not return an error: it ends the process.
        guard body?.isEmpty == false else { throw Failure(message: "it has no text") }
        do throws(Failure) {
            try self.init(reading: parsed.statement.text)
        } catch {
            // What is refused for want of a catalog is tried in other words; what is wrong stays what it was.
            guard !error.isCertain, let known = KnownWords(parsed.statement) else { throw error }
            do throws(Failure) {
                try self.init(reading: known.text, besides: known.variables)
            } catch _ {
                throw error
            }
        }
    }

    private init(reading sql: String, besides others: Set<String> = []) throws(Failure) {
        let result = pg_query_parse_plpgsql(sql)
        defer { pg_query_free_plpgsql_parse_result(result) }
        if let error = result.error?.pointee {
            throw Failure(message: String(cString: error.message), in: sql)
        }
        guard let text = result.plpgsql_funcs else { throw Failure(message: "no result", isCertain: false) }
        let decoder = JSONDecoder()
        let data = Data(String(cString: text).utf8)
        guard let functions = (try? decoder.decode(JSON.self, from: data))?.elements,
            let function = functions.first?["PLpgSQL_function"]
        else { throw Failure(message: "its result could not be read", isCertain: false) }
        var names = others
        var cursors: [Statement] = []
        for datum in function["datums"]?.elements ?? [] {
            for kind in ["PLpgSQL_var", "PLpgSQL_rec", "PLpgSQL_row"] {
                if let name = datum[kind]?["refname"]?.text { names.insert(name) }
                if let query = datum[kind]?["cursor_explicit_expr"]?["PLpgSQL_expr"]?["query"]?.text {
                    cursors.append(.query(query, line: datum[kind]?["lineno"]?.number ?? 1))
                }
                for field in datum[kind]?["fields"]?.elements ?? [] {
                    if let name = field["name"]?.text { names.insert(name) }
                }
            }
        }
        variables = names
        // Whether a cursor is opened is not known.
        statements =
            (cursors.isEmpty ? [] : [.loop(cursors, line: 1)])
            + (function["action"].map { Self.statements([$0]) } ?? [])
    }

    /// What RAISE EXCEPTION, and RAISE alone, have as their level: PostgreSQL's `ERROR` from 14 on.
    private static let errorLevel = 21

    private static func statements(_ list: [JSON]?) -> [Statement] { (list ?? []).compactMap(statement) }

    private static func statement(_ json: JSON) -> Statement? {
        guard case .object(let members) = json, let (kind, value) = members.first else { return nil }
        let line = value["lineno"]?.number ?? 1
        func expression(_ name: String) -> String? { value[name]?["PLpgSQL_expr"]?["query"]?.text }
        switch kind {
        case "PLpgSQL_stmt_block":
            let handlers = value["exceptions"]?["PLpgSQL_exception_block"]?["exc_list"]?.elements ?? []
            return .block(
                statements(value["body"]?.elements),
                handlers: handlers.compactMap { $0["PLpgSQL_exception"] }.map { handler in
                    Handler(
                        conditions: (handler["conditions"]?.elements ?? [])
                            .compactMap { $0["PLpgSQL_condition"]?["condname"]?.text },
                        body: statements(handler["action"]?.elements)
                    )
                },
                line: line
            )
        case "PLpgSQL_stmt_execsql":
            return expression("sqlstmt").map { .sql($0, line: line) }
        case "PLpgSQL_stmt_dynexecute":
            return expression("query").map { .dynamic($0, line: line) }
        case "PLpgSQL_stmt_call":
            return expression("expr").map { .sql($0, line: line) }
        case "PLpgSQL_stmt_assign":
            // Since version 14 the target is a part of the text.
            guard let text = expression("expr"), let sign = text.firstIndex(of: "=") else {
                return .other(line: line, raises: false)
            }
            return .expression(String(text[text.index(after: sign)...]), line: line)
        case "PLpgSQL_stmt_return":
            return expression("expr").map { .expression($0, line: line) } ?? .other(line: line, raises: false)
        case "PLpgSQL_stmt_commit": return .transactionEnd("COMMIT", line: line)
        case "PLpgSQL_stmt_rollback": return .transactionEnd("ROLLBACK", line: line)
        case "PLpgSQL_stmt_perform":
            return expression("expr").map { .query($0, line: line) }
        case "PLpgSQL_stmt_return_query":
            if let query = expression("query") { return .query(query, line: line) }
            return expression("dynquery").map { .dynamic($0, line: line) }
        case "PLpgSQL_stmt_open", "PLpgSQL_stmt_forc":
            return expression("query").map { .query($0, line: line) } ?? .other(line: line, raises: false)
        case "PLpgSQL_stmt_if":
            var branches: [(condition: String?, body: [Statement])] = [
                (expression("cond"), statements(value["then_body"]?.elements))
            ]
            for branch in (value["elsif_list"]?.elements ?? []).compactMap({ $0["PLpgSQL_if_elsif"] }) {
                branches.append(
                    (branch["cond"]?["PLpgSQL_expr"]?["query"]?.text, statements(branch["stmts"]?.elements))
                )
            }
            if let last = value["else_body"]?.elements { branches.append((nil, statements(last))) }
            return .branches(branches, line: line)
        case "PLpgSQL_stmt_case":
            var branches = (value["case_when_list"]?.elements ?? []).compactMap { $0["PLpgSQL_case_when"] }
                .map {
                    (condition: $0["expr"]?["PLpgSQL_expr"]?["query"]?.text, body: statements($0["stmts"]?.elements))
                }
            if let last = value["else_stmts"]?.elements { branches.append((nil, statements(last))) }
            return .branches(branches, line: line)
        case "PLpgSQL_stmt_while":
            let condition = expression("cond").map { [Statement.expression($0, line: line)] } ?? []
            return .loop(condition + statements(value["body"]?.elements), line: line)
        case "PLpgSQL_stmt_loop", "PLpgSQL_stmt_fori", "PLpgSQL_stmt_foreach_a":
            return .loop(statements(value["body"]?.elements), line: line)
        case "PLpgSQL_stmt_fors":
            let query = expression("query").map { [Statement.query($0, line: line)] } ?? []
            return .loop(query + statements(value["body"]?.elements), line: line)
        case "PLpgSQL_stmt_dynfors":
            let query = expression("query").map { [Statement.dynamic($0, line: line)] } ?? []
            return .loop(query + statements(value["body"]?.elements), line: line)
        case "PLpgSQL_stmt_raise":
            return .other(line: line, raises: value["elog_level"]?.number == Self.errorLevel)
        default:
            return .other(line: line, raises: false)
        }
    }
}

/// A value of JSON.
private enum JSON: Decodable, Sendable {
    case text(String)
    case number(Int)
    case flag(Bool)
    case list([JSON])
    case object([String: JSON])
    case none

    init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if container.decodeNil() {
            self = .none
        } else if let object = try? container.decode([String: JSON].self) {  // what it is not, the last tells
            self = .object(object)
        } else if let list = try? container.decode([JSON].self) {  // as above
            self = .list(list)
        } else if let text = try? container.decode(String.self) {  // as above
            self = .text(text)
        } else if let number = try? container.decode(Int.self) {  // as above
            self = .number(number)
        } else {
            self = .flag(try container.decode(Bool.self))
        }
    }

    subscript(name: String) -> JSON? { if case .object(let members) = self { members[name] } else { nil } }
    var elements: [JSON]? { if case .list(let list) = self { list } else { nil } }
    var text: String? { if case .text(let text) = self { text } else { nil } }
    var number: Int? { if case .number(let number) = self { number } else { nil } }
}
