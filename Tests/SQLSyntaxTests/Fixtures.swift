import SQLSyntax
import Testing

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// SQL that PostgreSQL 15's grammar accepts, chosen for what makes splitting hard.
struct Fixture: CustomTestStringConvertible, Sendable {
    let name: String
    let sql: String

    var testDescription: String { name }

    static let all: [Fixture] = {
        let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Fixtures")
        let names = try? FileManager.default.contentsOfDirectory(atPath: folder.path)
        return (names ?? []).sorted().compactMap { name in
            (try? String(contentsOf: folder.appending(path: name), encoding: .utf8)).map {
                Fixture(name: name, sql: $0)
            }
        }
    }()
}

/// The number of rounds of a random campaign: few in an ordinary run, many with `LASTRO_FUZZ=long`.
func fuzzRounds(_ few: Int, long many: Int) -> Int {
    ProcessInfo.processInfo.environment["LASTRO_FUZZ"] == "long" ? many : few
}

/// The texts of a script's statements.
func statements(of sql: String) throws -> [String] {
    try SQLScript(sql).statements.map(\.text)
}

/// The memory of this process that is in use, in bytes.
func residentMemory() throws -> Int {
    let fields = try String(contentsOfFile: "/proc/self/statm", encoding: .utf8).split(separator: " ")
    return (Int(fields[1]) ?? 0) * 4096
}
