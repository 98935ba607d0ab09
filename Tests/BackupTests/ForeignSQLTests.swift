import Postgres
import SystemPackage
import TestSupport
import Testing

@testable import Backup

@Suite("What a restored database runs by itself")
struct ForeignSQLTests {
    @Test("runs as its owner: not as a superuser who restores, and without what only that one can read")
    func runsAsOwner() async throws {
        try await withTestDatabase { settings in
            try await withTestRepository { test in
                let name = settings["dbname"] ?? ""
                let identity = test.folder.file("key.txt")
                try IdentityFile.write(test.key, to: FilePath(identity), madeAt: "")
                let superuser = try await TestServer.standard.superuser().with(database: name)
                try await withPostgresConnection(to: superuser) { connection in
                    _ = try await connection.script(
                        """
                        CREATE ROLE \(name)_o; GRANT CREATE ON SCHEMA public TO \(name)_o; SET ROLE \(name)_o;
                        CREATE FUNCTION looks(n integer) RETURNS integer LANGUAGE plpgsql IMMUTABLE AS $$
                        BEGIN
                            IF (SELECT rolsuper FROM pg_catalog.pg_roles WHERE rolname = current_user) THEN
                                RAISE 'this runs as a superuser';
                            END IF;
                            BEGIN
                                PERFORM pg_catalog.pg_read_file('\(identity)');
                                RAISE 'this reads the identity';
                            EXCEPTION WHEN insufficient_privilege THEN RETURN n; END;
                        END $$;
                        CREATE DOMAIN looked AS integer CHECK (public.looks(VALUE) = VALUE);
                        CREATE TABLE t (n integer CHECK (public.looks(n) = n), d looked,
                            made integer GENERATED ALWAYS AS (public.looks(n) + 1) STORED);
                        INSERT INTO t SELECT n, n FROM generate_series(1, 10) n; CREATE INDEX ON t (public.looks(n));
                        CREATE TABLE refers (n integer); ALTER TABLE t ADD PRIMARY KEY (n); INSERT INTO refers SELECT n FROM t;
                        ALTER TABLE refers ADD FOREIGN KEY (n) REFERENCES t; CREATE MATERIALIZED VIEW m AS SELECT public.looks(n) FROM t
                        """
                    )
                }
                _ = try await test.creation(of: superuser)()
                try await withRestored(superuser) { copy in
                    let result = try await test.restoration(to: copy)()
                    #expect(result.rows == 20 && result.schemaIsEqual)
                    // The trap works: who restores would have run into it.
                    try await withPostgresConnection(to: copy) { connection in
                        let error = await #expect(throws: PostgresError.self) {
                            try await connection.query("INSERT INTO t VALUES (11, 11)")
                        }
                        #expect(error?.message.contains("this runs as a superuser") == true)
                        _ = try await connection.script("DROP OWNED BY \(name)_o CASCADE")
                    }
                }
                try await withPostgresConnection(to: superuser) { connection in
                    _ = try await connection.script("DROP OWNED BY \(name)_o CASCADE; DROP ROLE \(name)_o")
                }
                // Without the role, and where none is to be made, it says which object wants it, and leaves nothing.
                let missing = await #expect(throws: BackupError.self) {
                    try await test.restoration(to: superuser.with(database: "\(name)_no")) { $0.roles = .none }()
                }
                #expect(missing?.message.contains("role \"\(name)_o\" does not exist") == true)
                try await withPostgresConnection(to: superuser) { connection in
                    let left = try await connection.query("SELECT FROM pg_database WHERE datname = $1", "\(name)_no")
                    #expect(left.isEmpty)
                }
            }
        }
    }

    @Test("a key file that a passphrase opens serves like one in the clear")
    func opensKeyFiles() async throws {
        try await withTemporaryFolder { folder in
            let key = try AgeSecretKey.generate()
            let text = IdentityFile.text(of: key, madeAt: "").withUnsafeBytes { Array($0) }
            let passphrase = SecretBytes(copying: "correct horse".utf8)
            let file = MemorySink()
            try AgeFile.encrypt(
                MemorySource(text),
                to: file,
                for: [.passphrase(passphrase, workFactor: 10)],
                isArmored: true
            )
            try folder.write(String(decoding: file.bytes, as: UTF8.self), to: "key.age")
            let path = FilePath(folder.file("key.age"))
            guard case .secretKey(let read) = try IdentityFile.read(path, passphrase: passphrase)[0] else {
                return #expect(Bool(false), "it holds no key")
            }
            #expect(read.publicKey == key.publicKey)
            #expect(throws: BackupError.self) { try IdentityFile.read(path) }
            #expect(throws: BackupError.self) {
                try IdentityFile.read(path, passphrase: SecretBytes(copying: "wrong".utf8))
            }
        }
    }
}
