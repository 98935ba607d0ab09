#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// What a snapshot holds: encrypted, and believed only because the signed index knows its hash.
struct Manifest: Hashable, Codable, Sendable {
    static let formatNumber = 1

    var format = Self.formatNumber
    var id: SnapshotID
    var database: Database
    /// The archive of pg_dump with the schema: what comes before the data, and what comes behind it.
    var schema: [Chunk]
    /// SQL that makes the roles that the schema names, without passwords.
    var roles: [Chunk]
    /// The schema as a catalog file, which says what a restored one differs in; absent in snapshots of earlier releases.
    var catalog: [Chunk]?
    /// Which migrations the database had; absent where no table of them was found.
    var migrations: Migrations?
    var tables: [Table]
    var sequences: [Sequence]
    /// Absent where there are none.
    var largeObjects: LargeObjects?

    /// A piece of content.
    struct Chunk: Hashable, Codable, Sendable {
        /// The code that the object's name begins with.
        var code: String
        var size: Int
        var sha256: String
    }

    /// Where the snapshot comes from.
    struct Database: Hashable, Codable, Sendable {
        var name: String
        /// `server_version_num`.
        var serverVersion: Int
        var encoding: String
        var collation: String
        var characterType: String
        var collationVersion: String?
        /// Which library sorts texts, by which locale and rules of its own; absent where that is not known.
        var provider: LocaleProvider?
        var locale: String?
        var rules: String?
        var systemIdentifier: String?
        /// Where the write-ahead log was when the snapshot was taken.
        var logPosition: String?
        /// Of all objects with their owners and privileges, and of what is left without these.
        var catalogFingerprint: String
        var structureFingerprint: String
        var extensions: [Extension]
        /// What is set for the database; absent in snapshots of earlier releases.
        var settings: [DatabaseSetting]?
        /// Whose it is, who may do what with it and so on; absent in snapshots of earlier releases.
        var attributes: DatabaseAttributes?
        /// Whether it has no schema `public`, which every new database has; absent for no.
        var lacksPublicSchema: Bool?
    }

    /// A library that knows how texts are sorted.
    enum LocaleProvider: String, Hashable, Codable, Sendable {
        case libc, icu, builtin
    }

    /// The migrations that a table of the database says were applied.
    struct Migrations: Hashable, Codable, Sendable {
        /// The table, as SQL names it.
        var table: String
        var count: Int
        /// The name of the one that was applied last.
        var last: String?
    }

    /// An extension that the database has.
    struct Extension: Hashable, Codable, Sendable {
        var name: String
        var schema: String
        var version: String
    }

    /// A table and its data.
    struct Table: Hashable, Codable, Sendable {
        var schema: String
        var name: String
        /// The columns that the data has, in its order.
        var columns: [String]
        var units: [Unit]
        var rows: Int
        /// The sum of the lines' hashes.
        var lineSum: String
        /// The condition that chose the rows, for a table of an extension's configuration.
        var condition: String?
        /// The owner.
        var owner: String
        /// How rows are written; absent for lines of text.
        var form: Form?
        /// Whether it is the parent of partitions through which their rows are read and loaded, since elsewhere they may lie in
        /// others of them; absent for no.
        var isPartitioned: Bool?

        /// Another form of rows than lines of text.
        enum Form: String, Hashable, Codable, Sendable {
            /// Those of COPY's binary format, without what stands before the first row and behind the last.
            case binary
        }
    }

    /// A part of a table's data, which was read by one COPY.
    struct Unit: Hashable, Codable, Sendable {
        /// The first page, and the one behind the last; nil where the part has no such bound.
        var firstPage: Int?
        var endPage: Int?
        var rows: Int
        var chunks: [Chunk]
    }

    /// All large objects, in ranges of their numbers.
    struct LargeObjects: Hashable, Codable, Sendable {
        var count: Int
        var units: [Unit]
        /// The sums of the hashes of the lines with owners, and of those with content.
        var entrySum: String
        var contentSum: String
    }

    /// A sequence, with where it stood.
    struct Sequence: Hashable, Codable, Sendable {
        var schema: String
        var name: String
        var lastValue: Int64
        var isCalled: Bool
    }

    /// Reads the manifest of a snapshot.
    static func read(of index: SnapshotIndex, in repository: Repository, with identities: [AgeIdentity]) throws -> Self
    {
        let bytes = try repository.bytes(of: index.manifest)
        let frame = MemorySink(capacity: bytes.count)
        try AgeFile.decrypt(MemorySource(bytes), to: frame, with: identities)
        let text = try ZstdDecompressor().bytes(in: frame.bytes)
        let manifest: Manifest
        do {
            manifest = try JSONDecoder().decode(Manifest.self, from: Data(text))
        } catch {
            throw BackupError.malformedManifest(index.id)
        }
        guard manifest.format == formatNumber, manifest.id == index.id else {
            throw BackupError.malformedManifest(index.id)
        }
        return manifest
    }

    /// The manifest as it is stored.
    func encoded(for recipients: [AgeRecipient]) throws -> [UInt8] {
        let text = [UInt8](try manifestEncoder().encode(self))
        let frame = try text.withUnsafeBytes { try ZstdCompressor(level: 3).frame(of: $0) }
        let file = MemorySink(capacity: frame.count + 1024)
        try AgeFile.encrypt(MemorySource(frame), to: file, for: recipients)
        return file.bytes
    }

    /// All chunks, in no order.
    var chunks: [Chunk] {
        schema + roles + (catalog ?? []) + (tables.flatMap(\.units) + (largeObjects?.units ?? [])).flatMap(\.chunks)
    }
}
