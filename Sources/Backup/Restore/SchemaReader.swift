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

    /// What pg_restore writes down of both sections.
    struct Listings: Sendable {
        fileprivate let before: [UInt8]
        fileprivate let behind: [UInt8]
    }

    /// Has both sections written down, which needs no database.
    ///
    /// - Returns: what pg_restore wrote.
    /// - Throws: ``BackupError`` if the archive cannot be read.
    func listings() async throws -> Listings {
        async let before = listing(.preData)
        async let behind = listing(.postData)
        return try await Listings(before: before, behind: behind)
    }

    private func listing(_ section: Section) async throws -> [UInt8] {
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
        return result.standardOutput
    }
}

extension SchemaReader.Listings {
    /// The objects before the data and those behind it, in the order in which they can be made.
    ///
    /// - Parameter connection: a connection to a database of the archive's encoding, which converts it.
    /// - Returns: the objects.
    /// - Throws: ``BackupError`` if the encoding is not known.
    func entries(on connection: PostgresConnection) async throws -> (before: [SchemaEntry], behind: [SchemaEntry]) {
        (
            SchemaEntry.entries(in: try await text(before, on: connection)),
            SchemaEntry.entries(in: try await text(behind, on: connection))
        )
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
