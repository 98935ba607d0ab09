import TestSupport
import Testing

@Suite("lastro backup keygen, encrypt and decrypt")
struct BackupFilterTests {
    @Test("work as filters, together and with age")
    func areFilters() async throws {
        try await withTemporaryFolder { folder in
            let lastro = LastroProcess(folder: folder.path)
            let made = try await lastro("backup", "keygen", "--output", "key.txt")
            #expect(made.status == 0)
            #expect(made.output.hasPrefix("age1") && made.errors.isEmpty)
            let trip = try await lastro.shell(
                """
                set -e
                test "$(stat -c %a key.txt)" = 600
                recipient=$(age-keygen -y key.txt)
                head -c 3000000 /dev/urandom > plain
                $lastro backup encrypt --recipient "$recipient" < plain > a.age
                age -d -i key.txt < a.age | cmp - plain
                age -a -r "$recipient" < plain | $lastro backup decrypt --identity key.txt | cmp - plain
                export WORD=secret
                $lastro backup encrypt --passphrase-env WORD --armor < plain | $lastro backup decrypt --passphrase-env WORD | cmp - plain
                $lastro backup keygen | age-keygen -y > /dev/null
                """
            )
            #expect(trip.status == 0, "\(trip.errors)")
        }
    }

    @Test("say what is wrong, with the documented statuses")
    func haveStatuses() async throws {
        try await withTemporaryFolder { folder in
            let lastro = LastroProcess(folder: folder.path, environment: ["WORD": "secret", "EMPTY": ""])
            let key = try await lastro("backup", "keygen", "--output", "key.txt").output.dropLast()
            let text = try folder.read("key.txt")
            let secret = try #require(text.split(separator: "\n").last)
            let again = try await lastro("backup", "keygen", "--output", "key.txt")
            #expect(again.status == 2 && again.errors.hasPrefix("there is a file key.txt\n"))
            #expect(try folder.read("key.txt") == text)
            #expect(try await lastro("backup", "encrypt").status == 2)
            #expect(try await lastro("backup", "encrypt", "--recipient", "age1qqqq").status == 2)
            #expect(try await lastro("backup", "encrypt", "--passphrase-env", "EMPTY").status == 2)
            #expect(try await lastro("backup", "decrypt", "--identity", "nowhere.txt").status == 2)
            #expect(try await lastro("backup", "decrypt").status == 2)
            let swapped = try await lastro("backup", "encrypt", "--recipient", String(secret))
            #expect(swapped.status == 2 && !swapped.text.contains(secret.dropFirst(30)))
            let damaged = try await lastro.shell(
                """
                yes | head -c 200000 | $lastro backup encrypt --recipient \(key) | head -c 150000 > cut.age
                $lastro backup decrypt --identity key.txt < cut.age
                """
            )
            #expect(damaged.status == 4)
            #expect(damaged.output.utf8.count == 131_072)
            #expect(damaged.errors.hasPrefix("the content of the age file is damaged: "))
            let closed = try await lastro.shell("echo x | $lastro backup encrypt --recipient \(key) > /dev/full")
            #expect(closed.status == 4)
            #expect(closed.errors.hasPrefix("the output cannot be written: No space left on device"))
        }
    }
}
