import Postgres

/// Which tables of a restored database have the text that they had where they were backed up, so that their lines can be compared.
///
/// On the same major version all have. Another one may write the values of some types in another way: tables with these are counted.
struct ComparableText: Sendable {
    private enum Scope: Sendable {
        case all
        /// All but these, by their names in SQL, each with a type of its that is in the way.
        case but([String: String])
        case none
    }

    private let scope: Scope

    /// Looks at the types of the tables' columns, if that is a question.
    ///
    /// - Parameters:
    ///   - manifest: where the tables come from.
    ///   - connection: a connection to the database that they are in.
    /// - Returns: which can be compared.
    /// - Throws: `PostgresError`.
    static func read(of manifest: Manifest, on connection: PostgresConnection) async throws -> ComparableText {
        let (from, to) = (ServerVersion(number: manifest.database.serverVersion), connection.serverVersion)
        if from.major == to.major { return ComparableText(scope: .all) }
        // Older ones print floating-point numbers in another way.
        guard from.major >= 12 else { return ComparableText(scope: .none) }
        let rows = try await connection.query(
            """
            WITH RECURSIVE types (relation, oid) AS (
                SELECT c.oid, a.atttypid
                FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace
                WHERE c.relkind = 'r' AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = '' AND n.nspname !~ '^pg_'
                UNION
                SELECT types.relation, part.oid FROM types JOIN pg_type y ON y.oid = types.oid, LATERAL (
                    SELECT y.typelem UNION ALL SELECT y.typbasetype
                    UNION ALL SELECT atttypid FROM pg_attribute
                        WHERE attrelid = y.typrelid AND attnum > 0 AND NOT attisdropped
                    UNION ALL SELECT rngsubtype FROM pg_range WHERE y.oid IN (rngtypid, rngmultitypid)) AS part (oid)
                WHERE part.oid <> 0
            )
            SELECT quote_ident(n.nspname) || '.' || quote_ident(c.relname), min(format_type(y.oid, NULL))
            FROM types JOIN pg_type y ON y.oid = types.oid
                JOIN pg_class c ON c.oid = types.relation JOIN pg_namespace n ON n.oid = c.relnamespace
            WHERE y.typtype = 'b' AND y.typcategory <> 'A' AND NOT (y.typnamespace = 'pg_catalog'::regnamespace
                AND y.typname = ANY ('\(Self.lasting)'))
            GROUP BY c.oid, n.nspname, c.relname
            """
        ).decode(as: (String, String).self)
        return ComparableText(scope: .but(Dictionary(rows) { first, _ in first }))
    }

    /// Types whose values have had one text since version 12, under the settings of a backup.
    private static let lasting = """
        {bool,bytea,char,name,int2,int4,int8,oid,xid,xid8,tid,text,bpchar,varchar,json,jsonb,xml,float4,float8,numeric,date,time,timetz,\
        timestamp,timestamptz,interval,bit,varbit,uuid,inet,cidr,macaddr,macaddr8,point,line,lseg,box,path,polygon,circle,tsvector,\
        tsquery,unknown}
        """

    /// Why a table's lines are only counted; nil if they can be compared.
    func obstacle(to table: Manifest.Table) -> String? {
        switch scope {
        case .all: nil
        case .none: "values of the old version"
        case .but(let types):
            types[table.quotedName].map { "type \($0)" } ?? (table.form == .binary ? "binary rows" : nil)
        }
    }

    /// What is said of the tables that are only counted; nil if there are none.
    func words(for tables: [Manifest.Table]) -> String? {
        let counted = tables.compactMap { table in obstacle(to: table).map { "\(table.quotedName) (\($0))" } }
        guard !counted.isEmpty else { return nil }
        return "between these versions the rows of some tables can only be counted: "
            + counted.prefix(20).joined(separator: ", ") + (counted.count > 20 ? ", …" : "")
    }
}
