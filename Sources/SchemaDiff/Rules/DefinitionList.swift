import Catalog
import SQLSyntax

/// The list in parentheses of `CREATE TYPE`, `CREATE OPERATOR` and their like: `NAME = value, …`, out of attributes.
struct DefinitionList {
    private(set) var entries: [String] = []

    /// Adds an attribute that holds SQL already, such as a function's name.
    mutating func add(_ keyword: String, _ value: String?) {
        if let value { entries.append("\(keyword) = \(value)") }
    }

    /// Adds an attribute as a text constant.
    mutating func add(_ keyword: String, quoting value: String?) {
        add(keyword, value.map(StringLiteral.quote))
    }

    /// Adds a number.
    mutating func add(_ keyword: String, _ value: Int?) {
        add(keyword, value.map(String.init))
    }

    /// Adds a word that stands alone, if it is on.
    mutating func add(_ keyword: String, if flag: Bool) {
        if flag { entries.append(keyword) }
    }

    /// The list as SQL writes it.
    var sql: String { "(" + entries.joined(separator: ", ") + ")" }
}

extension CatalogObject {
    /// An attribute's text, by the attribute's raw name.
    func text(_ name: String) -> String? { text(AttributeName(rawValue: name)) }

    /// An attribute's number, by the attribute's raw name.
    func number(_ name: String) -> Int? { number(AttributeName(rawValue: name)) }

    /// Whether an attribute is on, by the attribute's raw name.
    func flag(_ name: String) -> Bool { flag(AttributeName(rawValue: name)) }

    /// An attribute's list, by the attribute's raw name.
    func list(_ name: String) -> [String] { list(AttributeName(rawValue: name)) }
}
