import Catalog
import Postgres
import SQLSyntax

/// What there is to know of a database beside its schema and its data, as the snapshot shows it.
struct DatabaseFacts: Sendable {
    let database: Manifest.Database
    /// When the snapshot was taken, in UTC.
    let time: String
    /// SQL that makes the roles that own something or have a privilege, if they are not there.
    let roles: String
    /// The schema.
    let catalog: Catalog
    let migrations: Manifest.Migrations?

    static func read(on connection: PostgresConnection, roles: SourceRoles) async throws -> DatabaseFacts {
        let row = try await connection.query(
            """
            SELECT d.datname, current_setting('server_version_num')::integer, pg_encoding_to_char(d.encoding),
                d.datcollate, d.datctype,
                to_char(now() AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'),
                CASE WHEN pg_is_in_recovery() THEN pg_last_wal_replay_lsn() ELSE pg_current_wal_lsn() END::text
            FROM pg_database d WHERE d.datname = current_database()
            """
        ).single
        let catalog = try await Catalog.read(on: connection)
        let (provider, locale, rules) = try await Manifest.Database.locale(on: connection)
        let database = Manifest.Database(
            name: try String(postgres: row[0]),
            serverVersion: try Int(postgres: row[1]),
            encoding: try String(postgres: row[2]),
            collation: try String(postgres: row[3]),
            characterType: try String(postgres: row[4]),
            collationVersion: try await collationVersion(on: connection),
            provider: provider,
            locale: locale,
            rules: rules,
            logPosition: row[6].text,
            catalogFingerprint: catalog.fingerprint.description,
            structureFingerprint: catalog.structureFingerprint,
            extensions: try await extensions(on: connection),
            settings: try await DatabaseSetting.all(on: connection),
            attributes: try await DatabaseAttributes.read(on: connection),
            lacksPublicSchema: catalog.objects(of: .schema).contains { $0.identity.name == "public" } ? nil : true
        )
        return DatabaseFacts(
            database: database,
            time: try String(postgres: row[5]),
            roles: try await roles.sql(on: connection),
            catalog: catalog,
            migrations: try await migrations(on: connection)
        )
    }

    /// The version of the collation that the database was made with; servers before 15 do not know it.
    private static func collationVersion(on connection: PostgresConnection) async throws -> String? {
        guard connection.serverVersion.major >= 15 else { return nil }
        let rows = try await connection.query(
            "SELECT datcollversion FROM pg_database WHERE datname = current_database()"
        )
        return try rows.single[0].text
    }

    /// What the table of migrations says: Lastro's own, or another tool's that has the same columns.
    private static func migrations(on connection: PostgresConnection) async throws -> Manifest.Migrations? {
        let tables = try await connection.query(
            """
            SELECT quote_ident(n.nspname) || '.' || quote_ident(c.relname)
            FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
            WHERE c.relname IN ('schema_migrations', 'lastro_migrations') AND c.relkind = 'r' AND c.relpersistence <> 't'
                AND 2 = (SELECT count(*) FROM pg_attribute a WHERE a.attrelid = c.oid AND NOT a.attisdropped
                    AND (a.attname, a.atttypid) IN (('name', 'text'::regtype), ('applied_at', 'timestamptz'::regtype)))
            ORDER BY c.relname, n.nspname LIMIT 1
            """
        ).decode(as: String.self)
        guard let table = tables.first else { return nil }
        let row = try await connection.query(
            "SELECT count(*), (array_agg(name ORDER BY applied_at DESC, name DESC))[1] FROM \(table)"
        ).single
        return Manifest.Migrations(table: table, count: try Int(postgres: row[0]), last: row[1].text)
    }

    /// All extensions but the one that every database has, in an order in which each finds what it needs.
    private static func extensions(on connection: PostgresConnection) async throws -> [Manifest.Extension] {
        try await connection.query(
            """
            SELECT e.extname, n.nspname, e.extversion FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace
            WHERE e.extname <> 'plpgsql' ORDER BY e.oid
            """
        ).decode(as: (String, String, String).self).map {
            Manifest.Extension(name: $0, schema: $1, version: $2)
        }
    }
}

/// Reading where sequences stand.
enum SourceSequence {
    /// All sequences with where they stand; what a transaction does to a sequence, others see at once.
    static func all(on connection: PostgresConnection) async throws -> [Manifest.Sequence] {
        let names = try await connection.query(
            """
            SELECT n.nspname, c.relname
            FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
            WHERE c.relkind = 'S' AND c.relpersistence <> 't' AND NOT (c.relpersistence = 'u' AND pg_is_in_recovery())
                AND n.nspname <> 'information_schema' AND n.nspname !~ '^pg_'
                AND (EXISTS (SELECT FROM pg_extension x WHERE c.oid = ANY (x.extconfig))
                    OR NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid
                        AND d.deptype = 'e'))
            ORDER BY n.nspname, c.relname
            """
        ).decode(as: (String, String).self)
        var sequences: [Manifest.Sequence] = []
        for start in stride(from: 0, to: names.count, by: 500) {
            let batch = names[start..<min(start + 500, names.count)]
            let parts = batch.enumerated().map { index, name in
                "SELECT \(index), last_value, is_called FROM \(Identifier.quote(name.0)).\(Identifier.quote(name.1))"
            }
            let values = try await connection.query(parts.joined(separator: " UNION ALL ") + " ORDER BY 1")
                .decode(as: (Int, Int, Bool).self)
            sequences += zip(batch, values).map { name, value in
                Manifest.Sequence(schema: name.0, name: name.1, lastValue: Int64(value.1), isCalled: value.2)
            }
        }
        return sequences
    }
}
