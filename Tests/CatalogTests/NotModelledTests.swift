import Postgres
import TestSupport
import Testing

@testable import Catalog

@Suite("What is not modelled")
struct NotModelledTests {
    @Test("is nothing in a database that was just made", arguments: [15, 16, 18])
    func isNothing(major: Int) async throws {
        guard try await PostgresInstallation.all().contains(where: { $0.version.major == major }) else { return }
        try await withTestDatabase(on: major == 15 ? .standard : TestServer(major: major)) { settings in
            let catalog = try await withPostgresConnection(to: settings) { try await Catalog.read(on: $0) }
            #expect(catalog.notModelled == [])
            #expect(catalog.serverVersion.major == major)
            #expect(catalog.objects.map(\.identity) == [ObjectIdentity(.schema, "public")])
            #expect(catalog.objects.first?.list(.grants) == ["=U"])
        }
    }

    @Test("is looked for in system catalogs that are not those of a known version", arguments: [15, 16, 18])
    func isLookedFor(major: Int) async throws {
        guard try await PostgresInstallation.all().contains(where: { $0.version.major == major }) else { return }
        try await withTestDatabase(on: major == 15 ? .standard : TestServer(major: major)) { settings in
            try await withPostgresConnection(to: settings) { connection in
                for (version, isOther) in [(major, false), (major == 15 ? 16 : 15, true), (17, true), (99, true)] {
                    let condition = SystemCatalogs.otherCatalogs(than: ServerVersion(number: version * 10_000))
                    let answer = try await connection.query("SELECT EXISTS (SELECT FROM pg_catalog.\(condition))")
                    #expect(try answer.single.decode(Bool.self) == isOther, "\(version)")
                }
                #expect(try await connection.query(SystemCatalogs.unknownToThisVersion).isEmpty)
            }
        }
    }

    @Test("is told in words")
    func isTold() async throws {
        let superuser = try await TestServer.standard.superuser()["user"]
        try await withTestDatabase { settings in
            let database = try #require(settings["dbname"])
            let catalog = try await withPostgresConnection(to: settings.with("user", superuser)) { connection in
                _ = try await connection.script(
                    """
                    SELECT lo_create(0); ALTER DATABASE \(database) SET work_mem = '8MB';
                    CREATE EXTENSION citext; GRANT EXECUTE ON FUNCTION citext(boolean) TO lastro;
                    REVOKE EXECUTE ON FUNCTION pg_sleep(float8) FROM PUBLIC; COMMENT ON DATABASE \(database) IS 'x';
                    """
                )
                return try await Catalog.read(on: connection)
            }
            #expect(
                catalog.notModelled == [
                    "1 large objects, with owners, privileges and comments",
                    "privileges on function pg_sleep(double precision), of the system",
                    "privileges on objects of the extension citext", "settings of the database",
                    "the comment on the database",
                ]
            )
        }
    }
}

@Suite("A secret")
struct SecretTests {
    @Test("of a user mapping or a subscription is not in the catalog, only that it is there")
    func isLeftOut() async throws {
        let superuser = try await TestServer.standard.superuser()["user"]
        try await withTestDatabase { settings in
            let catalog = try await withPostgresConnection(to: settings.with("user", superuser)) { connection in
                _ = try await connection.script(
                    """
                    CREATE FOREIGN DATA WRAPPER w; CREATE SERVER s FOREIGN DATA WRAPPER w;
                    CREATE USER MAPPING FOR lastro SERVER s OPTIONS (password 'geheim', "user" 'geheim');
                    CREATE SUBSCRIPTION sub_\(settings["dbname"] ?? "") CONNECTION 'host=x password=geheim'
                        PUBLICATION p WITH (connect = false, slot_name = NONE);
                    """
                )
                let catalog = try await Catalog.read(on: connection)
                _ = try await connection.script("DROP SUBSCRIPTION sub_\(settings["dbname"] ?? "")")
                return catalog
            }
            let mapping = catalog[ObjectIdentity(.userMapping, "lastro", signature: "s")]
            #expect(mapping?.list(.secretOptions) == ["password", "user"])
            let subscription = try #require(catalog.objects(of: .subscription).first)
            #expect(subscription.flag(AttributeName(rawValue: "secret_connection")))
            #expect(!CatalogFile.text(of: catalog).contains("geheim"))
        }
    }
}
