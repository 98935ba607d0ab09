import TestSupport
import Testing

@Suite("Starting a project")
struct StartingTests {
    /// A shell's function that runs a program as somebody who is not root.
    private let asNobody = """
        somebody() { if [ "$(id -u)" = 0 ]; then setpriv --reuid=65534 --regid=65534 --clear-groups "$@"; else "$@"; fi; }

        """

    @Test("leaves what is there as it is, byte for byte")
    func leavesFilesAlone() async throws {
        try await withTemporaryFolder { folder in
            let lastro = LastroProcess(folder: folder.path)
            let old: [UInt8] = Array("build/\r\n".utf8) + [0xFF] + Array("\r\n".utf8)
            try folder.write(old, to: ".gitignore")
            #expect(
                try await lastro("init").output
                    == "made migrations/\nmade lastro.yaml\nadded .lastro/ to .gitignore\n"
            )
            for _ in 1...2 { #expect(try await lastro("init").output == "everything is there already\n") }
            let bytes = try await lastro.shell("od -An -v -tu1 .gitignore")
            let kept = bytes.output.split(whereSeparator: \.isWhitespace).compactMap { UInt8($0) }
            #expect(kept == old + Array(".lastro/\r\n".utf8))
            #expect(try await lastro("init", "--format", "json").output == "{\"files\":[]}\n")
            try folder.delete(".gitignore")
            #expect(try await lastro("init", "--format", "json").output == "{\"files\":[\".gitignore\"]}\n")
            // With a lastro.sum from the first day a plain new, edit, migrate would be refused.
            #expect(try folder.names(in: "migrations").isEmpty)
        }
    }

    @Test("writes the folder as the configuration file will be read", arguments: ["conf/x.yaml", "a/b/../c/x.yaml"])
    func writesRelativePaths(file: String) async throws {
        try await withTemporaryFolder(["a/b/keep": ""]) { folder in
            let lastro = LastroProcess(folder: folder.path)
            let start = try await lastro("init", "--config", file, "--migrations", "db/it's: here")
            #expect(start.status == 0)
            #expect(try await lastro("new", "--config", file, "a").status == 0)
            #expect(try folder.names(in: "db/it's: here") == ["0001_a.sql"])
        }
    }

    @Test("and adding to it say what is in the way, and end with status 2")
    func explainsObstacles() async throws {
        let cases: [(script: String, words: String)] = [
            ("$lastro new ''", "the title is empty\n  state: no file was made\n"),
            ("$lastro new '!?'", "\"!?\" holds no letter and no digit for a file name\n"),
            ("$lastro new $(printf '%0300d' 1)", "the title makes a file name of 317 bytes, and 255 are the most\n"),
            ("chmod 755 m && somebody $lastro new x", "m/0001_x.sql: the file cannot be written: Permission denied\n"),
            (
                "cd closed && somebody $lastro init --migrations x/y",
                "x/y: it cannot be made or written: Permission denied\n  state: nothing was made\n"
            ),
            (
                "cd closed && somebody $lastro init --migrations ../m",
                "lastro.yaml: it cannot be made or written: Permission denied\n  state: nothing was made\n"
            ),
            ("mkdir .env && $lastro new x", ".env: the file cannot be read: Is a directory\n"),
            ("chmod 000 m && somebody $lastro new x", "m: the migrations folder cannot be opened: Permission denied\n"),
            (
                "chmod 000 m && somebody $lastro migrate --database x",
                "m: the migrations folder cannot be opened: Permission denied\n"
            ),
            ("rmdir m && touch m && $lastro init", "m: it is no folder, so it holds no migrations\n"),
            ("rmdir m && touch m && $lastro new x", "m: it is no folder, so it holds no migrations\n"),
            ("mkdir .gitignore && $lastro init", ".gitignore: the file cannot be read: Is a directory\n"),
        ]
        for (script, words) in cases {
            try await withTemporaryFolder(["m/.keep": "", "closed/.keep": ""]) { folder in
                let lastro = LastroProcess(folder: folder.path, environment: ["LASTRO_MIGRATIONS": "m"])
                let outcome = try await lastro.shell("rm m/.keep; chmod 555 closed\n" + asNobody + script)
                #expect(outcome.status == 2, "\(script)")
                #expect(outcome.errors.hasPrefix(words), "\(script): \(outcome.errors)")
                #expect(!outcome.errors.contains("Error Domain"))
                _ = try await lastro.shell("chmod 755 m closed")
            }
        }
    }

    @Test("gives each of many new migrations a number of its own")
    func numbersAtOnce() async throws {
        try await withTemporaryFolder(["m/0001_a.sql": ""]) { folder in
            let lastro = LastroProcess(folder: folder.path, environment: ["LASTRO_MIGRATIONS": "m"])
            #expect(try await lastro("verify", "--write").status == 0)
            _ = try await lastro.shell("for i in 1 2 3 4 5 6; do $lastro new title $i & done; wait")
            let names = try folder.names(in: "m")
            #expect(names.map { String($0.prefix(4)) } == (1...7).map { "000\($0)" } + ["last"])
            #expect(try await lastro("verify", "--offline").output == "7 migrations checked, 0 problems\n")
        }
    }

    @Test(
        "writes a title as a comment and as nothing else",
        arguments: [
            ("a\ndrop table x", "-- a drop table x\n\n"), ("a\u{2028}b\u{1B}[2J", "-- a b [2J\n\n"),
            ("lastro: no-transaction", "-- \"lastro: no-transaction\"\n\n"),
        ]
    )
    func writesComments(title: String, text: String) async throws {
        try await withTemporaryFolder(["m/.keep": ""]) { folder in
            let lastro = LastroProcess(folder: folder.path, environment: ["LASTRO_MIGRATIONS": "m"])
            #expect(try await lastro("new", title).status == 0)
            let name = try #require(try folder.names(in: "m").last)
            #expect(try folder.read("m/\(name)") == text)
        }
    }

    @Test("finds files that would be left out, or waited for, for ever")
    func refusesOddFiles() async throws {
        try await withTemporaryFolder(["m/0001_A.SQL": "select 1"]) { folder in
            let lastro = LastroProcess(folder: folder.path, environment: ["LASTRO_MIGRATIONS": "m"])
            let capitals = try await lastro("verify", "--offline")
            #expect(capitals.status == 1)
            #expect(capitals.errors.hasPrefix("m: 0001_A.SQL: the ending of a file of SQL is .sql, in small letters\n"))
            try folder.delete("m/0001_A.SQL")
            for script in ["mkfifo m/0002_b.sql", "mkfifo pipe; ln -s ../pipe m/0002_b.sql"] {
                let pipe = try await lastro.shell("\(script); exec timeout 20 $lastro verify --offline")
                #expect(pipe.status == 1)
                #expect(pipe.errors.hasPrefix("m/0002_b.sql: the file cannot be read: it is a pipe or a device\n"))
                try folder.delete("m/0002_b.sql")
            }
        }
    }
}
