import Postgres
import SQLSyntax
import Subprocess
import SystemPackage

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// What `pg_dump --schema-only` says of a schema, object by object: an observer who knows nothing of catalogs and plans.
///
/// The order of the objects, of a table's columns and of privileges says nothing of how a schema should be, so it is not
/// compared.
struct SchemaDump {
    private struct Object: Hashable {
        let title: String
        /// The statements as they stand.
        let text: String
        /// The statements, a table's columns and constraints sorted.
        let sorted: String
    }

    private let objects: [Object]

    /// Reads a script of `pg_dump`'s.
    init(_ script: String) {
        var titles = [""]
        var bodies: [[String]] = [[]]
        for line in script.split(separator: "\n").map(String.init) {
            // These two hold a random word.
            if line.hasPrefix("\\restrict") || line.hasPrefix("\\unrestrict") { continue }
            if line.hasPrefix("-- Name: ") {
                titles.append(Self.title(line))
                bodies.append([])
            }
            if !line.hasPrefix("--") { bodies[bodies.count - 1].append(line) }
        }
        objects = zip(titles, bodies).filter { !$0.1.isEmpty }.map { title, lines in
            Object(title: title, text: lines.joined(separator: "\n"), sorted: Self.withSortedColumns(lines))
        }
    }

    /// The texts of the objects, sorted.
    var texts: [String] { objects.map(\.sorted).sorted() }

    /// The objects that stand in one of two dumps only, or in each in other words.
    func differences(from other: SchemaDump) -> [String] {
        let mine = Set(objects.map { [$0.title, $0.sorted] })
        let theirs = Set(other.objects.map { [$0.title, $0.sorted] })
        return Set(mine.symmetricDifference(theirs).map { $0[0] }).sorted()
    }

    /// The tables that are the same but for the order of their columns.
    func reordered(from other: SchemaDump) -> [String] {
        let theirs = Dictionary(other.objects.map { ([$0.title, $0.sorted], $0.text) }) { first, _ in first }
        return objects.filter { object in
            theirs[[object.title, object.sorted]].map { $0 != object.text } ?? false
        }.map(\.title).sorted()
    }

    /// `TABLE public.t` of `-- Name: t; Type: TABLE; Schema: public; Owner: -`.
    private static func title(_ line: String) -> String {
        func field(_ name: String) -> String? {
            guard let start = line.firstRange(of: name + ": ") else { return nil }
            let rest = line[start.upperBound...]
            return String(rest[..<(rest.firstRange(of: "; ")?.lowerBound ?? rest.endIndex)])
        }
        let schema = field("Schema").flatMap { $0 == "-" ? nil : $0 + "." } ?? ""
        return "\(field("Type") ?? "object") \(schema)\(field("Name") ?? "")"
    }

    private static func withSortedColumns(_ lines: [String]) -> String {
        // In which order privileges were given says as little, as long as one role gave them all. A name may have lines.
        if let first = lines.first, first.hasPrefix("GRANT ") || first.hasPrefix("REVOKE ") {
            return lines.sorted().joined(separator: "\n")
        }
        if lines.first?.hasPrefix("CREATE STATISTICS ") == true {
            return withSortedStatistics(lines.joined(separator: "\n"))
        }
        guard let first = lines.first, first.hasPrefix("CREATE "), first.contains("TABLE "),
            let start = lines.firstIndex(where: { $0.hasSuffix("(") }),
            let end = lines[start...].firstIndex(where: { $0.hasPrefix(")") })
        else { return lines.joined(separator: "\n") }
        let columns = lines[(start + 1)..<end].map { $0.hasSuffix(",") ? String($0.dropLast()) : $0 }.sorted()
        // What is said of columns behind the table stands in their order, too.
        return (lines[...start] + columns + [lines[end]] + lines[(end + 1)...].sorted()).joined(separator: "\n")
    }

    /// Statistics name their columns in the order of the table's.
    private static func withSortedStatistics(_ text: String) -> String {
        guard let script = try? SQLScript(text), let statement = script.statements.first,
            let on = statement.tokens.first(where: { $0.word == "ON" && $0.depth == 0 }),
            let from = statement.tokens.last(where: { $0.word == "FROM" && $0.depth == 0 })
        else { return text }
        var parts: [String] = []
        var start = on.range.upperBound
        for token in statement.tokens where token.sign == "," && token.depth == 0 && token.range.lowerBound > start {
            parts.append(script.text(in: start..<token.range.lowerBound))
            start = token.range.upperBound
        }
        parts.append(script.text(in: start..<from.range.lowerBound).trimmed)
        return script.text(in: 0..<on.range.upperBound) + parts.map(\.trimmed).sorted().joined(separator: ",")
            + script.text(in: from.range.lowerBound..<script.utf8.count)
    }
}

extension String {
    fileprivate var trimmed: String { String(drop { $0 == " " }.reversed().drop { $0 == " " }.reversed()) }
}

extension SchemaDump {
    /// Why there is no dump, in words.
    struct Unavailable: Error {
        let reason: String
    }

    /// Dumps a database with the `pg_dump` of its server's version, or with a newer one.
    ///
    /// - Parameter settings: what reaches the database.
    /// - Throws: ``Unavailable`` where there is no such program, or it says no; `PostgresError`.
    init(of settings: ConnectionSettings) async throws {
        let number = try await withPostgresConnection(to: settings) { connection in
            try await connection.query("SELECT current_setting('server_version_num')::integer").single.decode(Int.self)
        }
        guard let program = try await Self.program(for: number / 10_000) else {
            throw Unavailable(reason: "no pg_dump of version \(number / 10_000) or newer is installed")
        }
        let keywords = ["host", "hostaddr", "port", "user", "dbname", "sslmode", "sslrootcert", "sslcert", "sslkey"]
        let address = keywords.compactMap { keyword in
            settings[keyword].map { value in
                "\(keyword)='\(value.replacing("\\", with: "\\\\").replacing("'", with: "\\'"))'"
            }
        }
        let environment = settings["password"].map { Environment.inherit.updating(["PGPASSWORD": $0]) }
        let outcome = try await run(
            .path(program),
            arguments: ["--schema-only", "--no-owner", "--dbname", address.joined(separator: " ")],
            environment: environment ?? .inherit,
            output: .string(limit: 256 << 20),
            error: .string(limit: 1 << 20)
        )
        guard outcome.terminationStatus.isSuccess else {
            let words = outcome.standardError.split(separator: "\n").last.map(String.init) ?? "it says no more"
            throw Unavailable(reason: words)
        }
        self.init(outcome.standardOutput)
    }

    private static func program(for major: Int) async throws -> FilePath? {
        try await PostgresInstallation.all()
            .filter { installation in
                installation.version.major >= major
                    && FileManager.default.isExecutableFile(atPath: installation.program("pg_dump").string)
            }
            .min { $0.version < $1.version }?.program("pg_dump")
    }
}
