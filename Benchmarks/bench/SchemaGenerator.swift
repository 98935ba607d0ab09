#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Makes the schema of an application with many tables; the same number always gives the same schema.
///
/// A table has ten columns, a key, two indexes, a foreign key, a check and a comment; to every tenth belong a view, a
/// function, a trigger, a policy, an enum and a partition.
struct SchemaGenerator {
    let tables: Int

    /// A script for psql.
    ///
    /// Each hundred tables are a transaction, so that the server's table of locks holds them.
    var script: String {
        var text = "CREATE SCHEMA app;\n"
        for first in stride(from: 1, through: tables, by: 100) {
            text += "BEGIN;\n"
            for number in first...min(first + 99, tables) { text += table(number) }
            text += "COMMIT;\n"
        }
        return text
    }

    func write(to path: String) throws { try Data(script.utf8).write(to: URL(filePath: path)) }

    private func table(_ number: Int) -> String {
        let name = "app.thing_\(number)"
        let text = """
            CREATE TABLE \(name) (
                id bigint PRIMARY KEY,
                parent_id bigint REFERENCES app.thing_\(max(1, number - 1)),
                title text NOT NULL DEFAULT '',
                state varchar(20) NOT NULL DEFAULT 'new' CHECK (state IN ('new', 'open', 'done')),
                amount numeric(12, 2) NOT NULL DEFAULT 0,
                payload jsonb,
                labels text[],
                is_open boolean NOT NULL DEFAULT true,
                created_at timestamptz NOT NULL DEFAULT now(),
                updated_at timestamptz
            );
            CREATE INDEX ON \(name) (parent_id);
            CREATE INDEX ON \(name) (state, created_at) WHERE is_open;
            COMMENT ON TABLE \(name) IS 'Things of sort \(number).';

            """
        return number % 10 == 0 ? text + company(of: number, table: name) : text
    }

    private func company(of number: Int, table: String) -> String {
        """
        CREATE TYPE app.mood_\(number) AS ENUM ('calm', 'busy', 'gone');
        CREATE VIEW app.open_things_\(number) AS
            SELECT t.id, t.title, p.title AS parent, t.amount FROM \(table) t
            LEFT JOIN app.thing_\(number - 1) p ON p.id = t.parent_id WHERE t.is_open;
        CREATE FUNCTION app.touch_\(number)() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN
                NEW.updated_at := now();
                RETURN NEW;
            END $$;
        CREATE TRIGGER touch BEFORE UPDATE ON \(table) FOR EACH ROW EXECUTE FUNCTION app.touch_\(number)();
        ALTER TABLE \(table) ENABLE ROW LEVEL SECURITY;
        CREATE POLICY own ON \(table) USING (title = CURRENT_USER);
        CREATE TABLE app.log_\(number) (at timestamptz NOT NULL, mood app.mood_\(number), words text)
            PARTITION BY RANGE (at);
        CREATE TABLE app.log_\(number)_2026 PARTITION OF app.log_\(number)
            FOR VALUES FROM ('2026-01-01') TO ('2027-01-01');

        """
    }

    /// Twenty changes to a schema of at least a hundred tables, of the sorts that a release brings.
    static let changes = (1...4).map { number in
        let table = "app.thing_\(number * 10)"
        return """
            ALTER TABLE \(table) ADD COLUMN note text;
            CREATE INDEX ON \(table) (updated_at);
            COMMENT ON COLUMN \(table).title IS 'What people see.';
            ALTER TYPE app.mood_\(number * 10) ADD VALUE 'lost';
            ALTER TABLE app.thing_\(number * 10 + 1) ALTER COLUMN amount SET DEFAULT 1;

            """
    }.joined()
}
