import Postgres
import Subprocess
import SystemPackage

/// Runs pg_restore on the two sides of a schema.
struct SchemaRestore: Sendable {
    enum Section: String {
        case preData = "pre-data"
        case postData = "post-data"
    }

    let program: FilePath
    let archive: SchemaArchive
    let settings: ConnectionSettings
    let keepsOwners: Bool
    /// Those that are there already, made by who may make them.
    let extensions: [Manifest.Extension]
    /// Whether what cannot be made is left out.
    var leavesOut = false

    func run(_ section: Section, jobs: Int) async throws {
        var arguments = ["--section=\(section.rawValue)", "--no-password"]
        if !leavesOut { arguments.append("--exit-on-error") }
        arguments.append("--dbname=dbname='\(escaped(settings["dbname"] ?? ""))'")
        if jobs > 1 { arguments.append("--jobs=\(jobs)") }
        if !keepsOwners { arguments += ["--no-owner", "--no-privileges"] }
        var list: SchemaArchive?
        defer { list?.remove() }
        if !extensions.isEmpty {
            list = try SchemaArchive(try await entriesWithoutExtensions())
            if let list { arguments.append("--use-list=\(list.path)") }
        }
        try await call(arguments + [archive.path.string])
    }

    /// What the archive holds, without the extensions, what is said of them, and the schemas made for them.
    private func entriesWithoutExtensions() async throws -> [UInt8] {
        let schemas = Set(extensions.map(\.schema))
        let lines = try await call(["--list", archive.path.string]).split(separator: UInt8(ascii: "\n"))
        let kept = lines.filter { line in
            let words = String(decoding: line, as: UTF8.self).split(separator: " ").map(String.init)
            guard words.count > 5, words[0].hasSuffix(";") else { return true }
            if words[3] == "EXTENSION" || (words[3] == "COMMENT" && words[5] == "EXTENSION") { return false }
            return !(words[3] == "SCHEMA" && schemas.contains(words[5]))
        }
        return kept.flatMap { $0 + [UInt8(ascii: "\n")] }
    }

    @discardableResult
    private func call(_ arguments: [String]) async throws -> [UInt8] {
        let result = try await Subprocess.run(
            .path(program),
            arguments: Arguments(arguments),
            environment: .inherit.updating(SchemaDump.environment(for: settings)),
            input: .none,
            output: .bytes(limit: 1 << 28),
            error: .string(limit: 1 << 16)
        )
        // Status 1 says that something could not be made.
        guard result.terminationStatus.isSuccess || leavesOut && result.terminationStatus == .exited(1) else {
            throw BackupError.restoreFailed(settings.redacting(result.standardError.trimmingNewlines))
        }
        return result.standardOutput
    }

    private func escaped(_ text: String) -> String {
        text.replacing("\\", with: "\\\\").replacing("'", with: "\\'")
    }
}
