import Catalog
import SQLSyntax

/// The body of a squashed file: the statements that make a schema, and those that put its seed rows in.
struct SquashScript {
    let text: String

    /// Writes it.
    ///
    /// What would look at rows while they come in, or change them, is made behind them: foreign keys, triggers and rules.
    ///
    /// - Throws: ``SchemaDiffError`` for a schema that no plan makes, or that takes more than one transaction.
    init(of catalog: Catalog, _ seeds: SeedRows, builtBy builder: String) throws {
        let plan = try SchemaDiff.plan(
            from: .bare(serverVersion: catalog.serverVersion),
            to: catalog.withPlainExtensions(),
            options: PlanOptions(isOnline: false)
        )
        let early = plan.steps.filter { !$0.isLate(in: catalog) }
        let late = plan.steps.filter { $0.isLate(in: catalog) }
        var parts: [String] = []
        if plan.steps.contains(where: { [.function, .procedure].contains($0.identity.kind) }) {
            parts.append("SET LOCAL check_function_bodies = off;")
        }
        parts += try early.flatMap { try $0.script(without: builder) }
        parts += seeds.tables.filter { !$0.isView }.flatMap(\.insertions)
        parts += seeds.sequences.map { sequence in
            "SELECT pg_catalog.setval(\(sequence.expression), \(sequence.value), \(sequence.isCalled));"
        }
        parts += seeds.tables.filter(\.isView).map { "REFRESH MATERIALIZED VIEW \($0.name);" }
        parts += try late.flatMap { try $0.script(without: builder) }
        text = parts.joined(separator: "\n\n")
    }
}

extension Catalog {
    /// The catalog with extensions as migrations ask for them: of whatever version the server has.
    fileprivate func withPlainExtensions() -> Catalog {
        Catalog(
            serverVersion: serverVersion,
            objects: objects.map { object in
                guard object.identity.kind == .extension else { return object }
                var attributes = object.attributes
                for name in ["version", "owner"] { attributes[AttributeName(rawValue: name)] = nil }
                return CatalogObject(object.identity, attributes: attributes, dependencies: object.dependencies)
            },
            notModelled: notModelled
        )
    }
}

extension SchemaPlan.Step {
    /// Whether it comes behind the rows.
    fileprivate func isLate(in catalog: Catalog) -> Bool {
        switch identity.kind {
        case .trigger, .rule, .eventTrigger: true
        case .constraint: catalog[identity]?.text(.definition)?.hasPrefix("FOREIGN KEY") ?? false
        default: false
        }
    }

    /// The statements as the file has them.
    fileprivate func script(without builder: String) throws -> [String] {
        // An extension brings its comment along, and only its owner may change that: it may be there already.
        try statements.filter { !$0.sql.hasPrefix("COMMENT ON EXTENSION") }.map { statement in
            guard statement.isTransactional else {
                throw SchemaDiffError.notSquashed(
                    "\(identity) cannot be made in a transaction",
                    next: "squash up to the migration before the one that makes it"
                )
            }
            switch identity.kind {
            case .extension:
                return statement.sql.replacing(
                    "CREATE EXTENSION ",
                    with: "CREATE EXTENSION IF NOT EXISTS ",
                    maxReplacements: 1
                )
                    + ";"
            case .defaultPrivileges:
                // Those of whoever runs the file, as in the migration that it came from.
                return statement.sql.replacing(" FOR ROLE \(Identifier.quote(builder))", with: "", maxReplacements: 1)
                    + ";"
            default: return statement.sql + ";"
            }
        }
    }
}

extension SeedRows.Table {
    /// The statements that put the rows in.
    fileprivate var insertions: [String] {
        let head =
            "INSERT INTO \(name) (\(columns.joined(separator: ", ")))"
            + (overridesIdentity ? " OVERRIDING SYSTEM VALUE" : "") + " VALUES\n    "
        return stride(from: 0, to: rows.count, by: 100).map { start in
            let lines = rows[start..<min(start + 100, rows.count)].map { row in
                "(" + zip(row, numbers).map { value, isNumber in literal(value, isNumber) }.joined(separator: ", ")
                    + ")"
            }
            return head + lines.joined(separator: ",\n    ") + ";"
        }
    }

    private func literal(_ value: String?, _ isNumber: Bool) -> String {
        guard let value else { return "NULL" }
        if isNumber { return value }
        let quoted = StringLiteral.quote(value)
        // A lone carriage return would not outlive the way through version control.
        guard value.utf8.contains(UInt8(ascii: "\r")) else { return quoted }
        let escaped = quoted.unicodeScalars.map { $0 == "\r" ? "\\r" : String($0) }.joined()
        return escaped.hasPrefix("E") ? escaped : "E" + escaped
    }
}
