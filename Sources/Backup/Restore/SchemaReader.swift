import Postgres
import Subprocess
import SystemPackage

/// Has pg_restore write down what a schema's archive holds.
struct SchemaReader: Sendable {
    enum Section: String {
        case preData = "pre-data"
        case postData = "post-data"
    }

    let program: FilePath
    let archive: [UInt8]
    let keepsOwners: Bool

    /// The objects of a section, in the order in which they can be made.
    ///
    /// - Parameters:
    ///   - section: what comes before the data, or behind it.
    ///   - connection: a connection to a database of the archive's encoding, which converts it.
    /// - Returns: the objects.
    /// - Throws: ``BackupError`` if the archive cannot be read.
    func entries(_ section: Section, on connection: PostgresConnection) async throws -> [SchemaEntry] {
        // Told everything, it says of each object which one it is and what it needs.
        var arguments = ["--section=\(section.rawValue)", "--verbose", "--file=-"]
        if !keepsOwners { arguments += ["--no-owner", "--no-privileges"] }
        let result = try await Subprocess.run(
            .path(program),
            arguments: Arguments(arguments),
            input: .array(archive),
            output: .bytes(limit: 1 << 30),
            error: .string(limit: 1 << 28)
        )
        guard result.terminationStatus.isSuccess else {
            throw BackupError.restoreFailed("pg_restore: " + result.standardError.trimmingNewlines)
        }
        return SchemaEntry.entries(in: try await text(result.standardOutput, on: connection))
    }

    /// The archive is in the encoding of the database that it is of.
    private func text(_ bytes: [UInt8], on connection: PostgresConnection) async throws -> String {
        let head = String(decoding: bytes.prefix(2000), as: UTF8.self)
        let encoding = head.split(separator: "\n").first { $0.hasPrefix("SET client_encoding = '") }?
            .split(separator: "'").dropFirst().first.map(String.init)
        guard let encoding, encoding != "UTF8" else { return String(decoding: bytes, as: UTF8.self) }
        if encoding == "SQL_ASCII" {
            guard let text = String(validating: bytes, as: UTF8.self) else { throw BackupError.unknownEncoding() }
            return text
        }
        return try await connection.query("SELECT convert_from($1, $2)", SchemaBytes(bytes), encoding).single
            .decode(String.self)
    }
}

/// Bytes as a parameter of type `bytea`.
private struct SchemaBytes: PostgresEncodable {
    let bytes: [UInt8]

    init(_ bytes: [UInt8]) {
        self.bytes = bytes
    }

    var postgresParameter: PostgresParameter { PostgresParameter(binary: bytes, typeOID: 17) }
}
