public import SQLSyntax
import SourceText

/// A rule of a house: written in the configuration, without code.
public struct HouseRule: Sendable {
    /// What it demands.
    public enum Demand: Sendable {
        /// Names of these kinds fit a pattern.
        case names(Set<NamedKind>, NamePattern)
        /// Tables have these columns.
        case columns([RequiredColumn])
        /// No column is of one of these types.
        case types([TypeReference])
        /// No statement begins with one of these sequences of words.
        case statements([[String]])
        /// What is made of these kinds gets a comment in the same file.
        case comments(Set<NamedKind>)
    }

    /// What has a name.
    public enum NamedKind: String, CaseIterable, Sendable {
        /// A table.
        case table
        /// A view, materialized or not.
        case view
        /// A column of a table.
        case column
        /// An index.
        case index
        /// A constraint of any kind.
        case constraint
        /// A primary key.
        case primaryKey = "primary-key"
        /// A foreign key.
        case foreignKey = "foreign-key"
        /// A unique constraint.
        case unique
        /// A check.
        case check
        /// A type or domain.
        case type
        /// A function or procedure.
        case function
        /// A schema.
        case schema
        /// A sequence.
        case sequence
        /// A trigger.
        case trigger
        /// A policy.
        case policy

        /// The kind in words.
        var words: String { rawValue.replacing("-", with: " ") }
    }

    /// A column that tables must have.
    public struct RequiredColumn: Sendable {
        /// Its name.
        public let name: String
        /// Its type; nil for any.
        public let type: TypeReference?
        /// Whether it must be NOT NULL.
        public let isNotNull: Bool
    }

    /// A pattern that a whole name must fit.
    ///
    /// Sendable without the compiler's help: made from a text alone, the expression holds no code of anybody's.
    public struct NamePattern: @unchecked Sendable {
        /// The regular expression as it was written.
        public let text: String
        private let expression: Regex<AnyRegexOutput>

        /// Reads a regular expression; nil for a text that is none.
        public init?(_ text: String) {
            // What is wrong with it is told by who asks.
            guard let expression = try? Regex(text) else { return nil }
            self.text = text
            self.expression = expression
        }

        func fits(_ name: String) -> Bool { (try? expression.wholeMatch(in: name)) != nil }
    }

    /// What the names of all rules of houses begin with.
    public static let prefix = "house-"

    /// Its name, which begins with ``prefix``.
    public let name: String
    /// What it demands.
    public let demand: Demand
    /// How bad its findings are.
    public let severity: Severity
    /// Patterns of `*` and `?` for the tables that it is about; empty for all.
    public let tables: [String]
    /// Patterns for the tables that it is not about.
    public let exceptions: [String]
    /// What to do; nil if that is not said.
    public let advice: String?

    /// Makes a rule.
    ///
    /// - Parameters:
    ///   - name: its name without ``prefix``.
    ///   - demand: what it demands.
    ///   - severity: how bad its findings are.
    ///   - tables: patterns for the tables that it is about; empty for all.
    ///   - exceptions: patterns for the tables that it is not about.
    ///   - advice: what to do.
    public init(
        name: String,
        demand: Demand,
        severity: Severity = .warning,
        tables: [String] = [],
        exceptions: [String] = [],
        advice: String? = nil
    ) {
        self.name = Self.prefix + name
        self.demand = demand
        self.severity = severity
        self.tables = tables
        self.exceptions = exceptions
        self.advice = advice
    }

    /// Whether it is about a table.
    func covers(_ table: QualifiedName) -> Bool {
        func fits(_ glob: String) -> Bool {
            glob.contains(".")
                ? "\(table.shortened)".matches(glob) || "\(table)".matches(glob) : table.name.matches(glob)
        }
        return (tables.isEmpty || tables.contains(where: fits)) && !exceptions.contains(where: fits)
    }
}

// MARK: Reading what is written

extension HouseRule.RequiredColumn {
    /// Reads columns as CREATE TABLE has them, or their names alone: `created_at timestamptz NOT NULL, updated_at`.
    ///
    /// - Returns: the columns; nil for a text that is none.
    public static func list(_ text: String) -> [Self]? {
        var columns: [Self] = []
        for part in text.splitOutsideParentheses {
            if let name = try? QualifiedName(parsing: part), name.schema == nil {
                columns.append(Self(name: name.name, type: nil, isNotNull: false))
                continue
            }
            guard let column = HouseRule.columns(part)?.first else { return nil }
            let isNotNull = column.constraints.contains { $0.kind == .notNull || $0.kind == .primaryKey }
            columns.append(Self(name: column.name, type: column.type, isNotNull: isNotNull))
        }
        return columns.isEmpty ? nil : columns
    }
}

extension HouseRule {
    /// Reads types: `json, money, timestamp`.
    ///
    /// - Returns: the types; nil for a text that holds none.
    public static func types(_ text: String) -> [TypeReference]? {
        let types = text.splitOutsideParentheses.map { columns("c \($0)")?.first?.type }
        guard !types.isEmpty, !types.contains(where: { $0 == nil }) else { return nil }
        return types.compactMap(\.self)
    }

    /// Reads the words that statements begin with: `CREATE RULE, TRUNCATE`.
    ///
    /// - Returns: the sequences of words, in upper case; nil for a text that holds none.
    public static func statements(_ text: String) -> [[String]]? {
        let sequences = text.split(separator: ",").map { part in
            part.split(whereSeparator: \.isWhitespace).map { $0.uppercased() }
        }
        guard !sequences.isEmpty, sequences.allSatisfy({ 1...6 ~= $0.count }) else { return nil }
        return sequences
    }

    /// Reads kinds: `table, column`.
    ///
    /// - Returns: the kinds; nil for a text that names something else.
    public static func kinds(_ text: String, among known: Set<NamedKind> = Set(NamedKind.allCases)) -> Set<NamedKind>? {
        let kinds = text.split { $0 == "," || $0.isWhitespace }.map { NamedKind(rawValue: String($0)) }
        guard !kinds.isEmpty, kinds.allSatisfy({ $0.map(known.contains) ?? false }) else { return nil }
        return Set(kinds.compactMap(\.self))
    }

    /// The kinds that may have to have a comment.
    public static let commentedKinds: Set<NamedKind> = [.table, .view, .column, .function, .type, .schema, .sequence]

    fileprivate static func columns(_ text: String) -> [ColumnDefinition]? {
        // A text that is no SQL is told by who asks.
        guard let script = try? SQLScript("CREATE TABLE t (\(text))"), script.statements.count == 1,
            let parsed = try? ParsedStatement(script.statements[0]), case .createTable(let create) = parsed.node,
            create.constraints.isEmpty, create.columns.count == 1
        else { return nil }
        return create.columns
    }
}

extension String {
    /// The parts between commas that stand outside of parentheses, without blanks around them.
    fileprivate var splitOutsideParentheses: [String] {
        var (parts, depth) = ([""], 0)
        for character in self {
            if character == "(" { depth += 1 }
            if character == ")" { depth -= 1 }
            if character == ",", depth == 0 { parts.append("") } else { parts[parts.count - 1].append(character) }
        }
        return parts.map(\.trimmingSpaces).filter { !$0.isEmpty }
    }
}
