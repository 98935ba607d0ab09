#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// A migration that a generator made, for any tool to apply in its own layout.
struct GeneratedMigration {
    let number: Int
    let name: String
    let comment: String
    /// Each without the semicolon at its end.
    let statements: [String]

    /// Five digits, so that the order of the names is that of the numbers.
    var digits: String { String(String(number + 100_000).dropFirst()) }
    var text: String { "-- \(comment)\n" + statements.map { $0 + ";\n" }.joined() }
}

/// Makes migrations as a growing application has them.
///
/// There are new tables with keys and indexes, columns added later, and functions with their triggers. The same number
/// always gives the same files.
struct MigrationGenerator {
    let count: Int

    var migrations: [GeneratedMigration] { (1...count).map(migration) }

    /// Writes the files into a folder, and all of them as one file beside it.
    func write(to folder: String) throws {
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        var whole = ""
        for migration in migrations {
            try write(migration.text, to: "\(folder)/\(migration.digits)_\(migration.name).sql")
            whole += migration.text + "\n"
        }
        try write(whole, to: folder + ".sql")
    }

    private func write(_ text: String, to path: String) throws {
        try Data(text.utf8).write(to: URL(filePath: path))
    }

    private static let columns = [
        "title text NOT NULL DEFAULT ''", "amount numeric(12, 2) NOT NULL DEFAULT 0",
        "payload jsonb NOT NULL DEFAULT '{}'",
        "starts_at timestamptz", "email varchar(255)", "score double precision", "reference uuid", "labels text[]",
    ]

    private func migration(_ number: Int) -> GeneratedMigration {
        // Of five migrations three make a table, one extends an earlier one and one guards it with a trigger.
        let table = "entity_\(number - number % 5)"
        switch number % 5 {
        case 3 where number > 5: return addition(to: table, number)
        case 4 where number > 5: return guarding(table, number)
        default: return creation(number)
        }
    }

    private func addition(to table: String, _ number: Int) -> GeneratedMigration {
        let column = Self.columns[number / 5 % Self.columns.count].split(separator: " ", maxSplits: 1)
        let name = "\(column[0])_\(number)"
        return GeneratedMigration(
            number: number,
            name: "extend_\(table)",
            comment: "A column that came later.",
            statements: [
                "ALTER TABLE \(table) ADD COLUMN \(name) \(column[1])",
                "CREATE INDEX \(table)_later_idx ON \(table) (created_at, id)",
                "COMMENT ON COLUMN \(table).\(name) IS 'added later; it''s nullable or has a default'",
            ]
        )
    }

    private func guarding(_ table: String, _ number: Int) -> GeneratedMigration {
        let function = """
            CREATE FUNCTION touch_\(number)() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN
                NEW.created_at := now(); -- a ; in a body
                RETURN NEW;
            END
            $$
            """
        return GeneratedMigration(
            number: number,
            name: "guard_\(table)",
            comment: "Rows say when they were touched.",
            statements: [
                function,
                "CREATE TRIGGER touch BEFORE UPDATE ON \(table) FOR EACH ROW EXECUTE FUNCTION touch_\(number)()",
                "ALTER TABLE \(table) ADD CONSTRAINT \(table)_check CHECK (id > 0)",
            ]
        )
    }

    private func creation(_ number: Int) -> GeneratedMigration {
        let columns = (0..<5).map { Self.columns[(number + $0) % Self.columns.count] }.joined(separator: ",\n    ")
        let parent = number - number % 5 - 5
        let table = """
            CREATE TABLE entity_\(number) (
                id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
                \(columns),
                created_at timestamptz NOT NULL DEFAULT now()
            )
            """
        let reference = "ALTER TABLE entity_\(number) ADD COLUMN parent_id bigint REFERENCES entity_\(parent) (id)"
        return GeneratedMigration(
            number: number,
            name: "create_entity_\(number)",
            comment: "The table of entity \(number).",
            statements: [table, "CREATE INDEX entity_\(number)_created_idx ON entity_\(number) (created_at)"]
                + (parent > 0 ? [reference] : [])
                + ["COMMENT ON TABLE entity_\(number) IS 'rows of entity \(number)'"]
        )
    }
}
