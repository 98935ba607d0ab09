#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Makes migrations as a growing application has them.
///
/// There are new tables with keys and indexes, columns added later, and functions with their triggers. The same number
/// always gives the same files.
struct MigrationGenerator {
    let count: Int

    /// Writes the files into a folder, and all of them as one file beside it.
    func write(to folder: String) throws {
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        var whole = ""
        for number in 1...count {
            let (name, text) = migration(number)
            let digits = String(number + 100_000).dropFirst()
            try Data(text.utf8).write(to: URL(filePath: "\(folder)/\(digits)_\(name).sql"))
            whole += text + "\n"
        }
        try Data(whole.utf8).write(to: URL(filePath: folder + ".sql"))
    }

    private static let columns = [
        "title text NOT NULL DEFAULT ''", "amount numeric(12, 2) NOT NULL DEFAULT 0",
        "payload jsonb NOT NULL DEFAULT '{}'",
        "starts_at timestamptz", "email varchar(255)", "score double precision", "reference uuid", "labels text[]",
    ]

    private func migration(_ number: Int) -> (name: String, text: String) {
        // Of five migrations three make a table, one extends an earlier one and one guards it with a trigger.
        let table = "entity_\(number - number % 5)"
        switch number % 5 {
        case 3 where number > 5:
            let column = Self.columns[number / 5 % Self.columns.count].split(separator: " ", maxSplits: 1)
            return (
                "extend_\(table)",
                """
                -- A column that came later.
                ALTER TABLE \(table) ADD COLUMN \(column[0])_\(number) \(column[1]);
                CREATE INDEX \(table)_later_idx ON \(table) (created_at, id);
                COMMENT ON COLUMN \(table).\(column[0])_\(number) IS 'added later; it''s nullable or has a default';

                """
            )
        case 4 where number > 5:
            return (
                "guard_\(table)",
                """
                -- Rows say when they were touched.
                CREATE FUNCTION touch_\(number)() RETURNS trigger LANGUAGE plpgsql AS $$
                BEGIN
                    NEW.created_at := now(); -- a ; in a body
                    RETURN NEW;
                END
                $$;
                CREATE TRIGGER touch BEFORE UPDATE ON \(table) FOR EACH ROW EXECUTE FUNCTION touch_\(number)();
                ALTER TABLE \(table) ADD CONSTRAINT \(table)_check CHECK (id > 0);

                """
            )
        default:
            return ("create_entity_\(number)", creation(of: number))
        }
    }

    private func creation(of number: Int) -> String {
        let columns = (0..<5).map { Self.columns[(number + $0) % Self.columns.count] }.joined(separator: ",\n    ")
        let parent = number - number % 5 - 5
        let reference =
            parent > 0
            ? "ALTER TABLE entity_\(number) ADD COLUMN parent_id bigint REFERENCES entity_\(parent) (id);\n"
            : ""
        return """
            -- The table of entity \(number).
            CREATE TABLE entity_\(number) (
                id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
                \(columns),
                created_at timestamptz NOT NULL DEFAULT now()
            );
            CREATE INDEX entity_\(number)_created_idx ON entity_\(number) (created_at);
            \(reference)COMMENT ON TABLE entity_\(number) IS 'rows of entity \(number)';

            """
    }
}
