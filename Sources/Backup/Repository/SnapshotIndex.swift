#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// What of a snapshot can be known without a key: which files it is made of, and what these have to be.
///
/// It is signed, and written last: a snapshot without it does not exist.
struct SnapshotIndex: Hashable, Codable, Sendable {
    static let formatNumber = 1

    var format = Self.formatNumber
    /// `20260114T030000Z-1f2e3d4c`: when the snapshot was taken, and four random bytes.
    var id: SnapshotID
    /// When the snapshot was taken, as ISO 8601.
    var time: String
    var database: String
    /// The size of the content.
    var bytes: Int
    /// The size of what this snapshot added to the repository.
    var addedBytes: Int
    /// What tells sets of recipients apart, without naming them.
    var recipients: String
    /// What tells deduplication keys apart.
    var deduplicationKey: String
    var manifest: StoredObject.File
    var objects: [StoredObject]

    /// The size of all files that belong to the snapshot, also of those that others share.
    var storedBytes: Int { objects.reduce(manifest.size) { $0 + $1.size } }

    /// The files that have to be there.
    var files: [StoredObject.File] { [manifest] + objects.flatMap { [$0.header, $0.payload] } }
}

/// The name of a snapshot.
struct SnapshotID: Hashable, Comparable, Codable, Sendable, CustomStringConvertible {
    let description: String

    /// Reads a name; nil if it is none.
    init?(_ text: String) {
        let parts = text.split(separator: "-", omittingEmptySubsequences: false)
        guard parts.count == 2, parts[0].utf8.count == 16, parts[1].utf8.count == 8,
            text.utf8.allSatisfy({ byte in "0123456789abcdefTZ-".utf8.contains(byte) })
        else { return nil }
        description = text
    }

    /// Makes a name for a snapshot taken at a time.
    init(time: String) throws {
        let digits = time.filter { $0 != "-" && $0 != ":" }
        description = "\(digits)-\(hexadecimal(try randomBytes(4)))"
    }

    init(from decoder: any Decoder) throws {
        let text = try decoder.singleValueContainer().decode(String.self)
        guard let id = SnapshotID(text) else {
            throw BackupError.malformedIndex("\"\(text.prefix(40))\" is no snapshot")
        }
        self = id
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }

    static func < (left: Self, right: Self) -> Bool { left.description < right.description }

    var folder: String { "snapshots/\(description)" }
    var indexName: String { folder + "/index.json" }
    var manifestName: String { folder + "/manifest.age" }
}

/// An index with its signature: a line of JSON, and a line with the key and the signature.
struct SignedIndex: Sendable {
    private static let label = "lastro-backup-index-v1\n"
    private static let mark = "ed25519"

    let index: SnapshotIndex
    let signer: VerificationKey

    /// Writes an index and signs it.
    static func encode(_ index: SnapshotIndex, signedWith key: SigningKey) throws -> [UInt8] {
        let line = [UInt8](try manifestEncoder().encode(index)) + [UInt8(ascii: "\n")]
        let signature = String(decoding: Base64.encode(try key.sign(Array(label.utf8) + line)), as: UTF8.self)
        return line + Array("\(mark) \(key.verificationKey) \(signature)\n".utf8)
    }

    /// Reads an index and checks its signature.
    ///
    /// - Parameters:
    ///   - bytes: the file.
    ///   - id: the snapshot that it has to be of.
    ///   - trusted: who may have signed it; nil for whoever it names.
    /// - Throws: ``BackupError`` if it is malformed, forged, of another hand or of another snapshot.
    init(reading bytes: [UInt8], of id: SnapshotID, trusted: Set<VerificationKey>?) throws {
        let lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        guard lines.count == 3, lines[2].isEmpty else { throw BackupError.malformedIndex("it is not of two lines") }
        let words = String(decoding: lines[1], as: UTF8.self).split(separator: " ").map(String.init)
        guard words.count == 3, words[0] == Self.mark, let signer = VerificationKey(words[1]),
            let signature = Base64.decode(Array(words[2].utf8)[...])
        else { throw BackupError.malformedIndex("its second line is no signature") }
        guard try signer.accepts(signature, of: Array(Self.label.utf8) + lines[0] + [UInt8(ascii: "\n")]) else {
            throw BackupError.forgedIndex(id)
        }
        if let trusted, !trusted.contains(signer) { throw BackupError.untrustedSigner(signer, of: id) }
        do {
            index = try JSONDecoder().decode(SnapshotIndex.self, from: Data(lines[0]))
        } catch let error as BackupError {
            throw error
        } catch {
            throw BackupError.malformedIndex("its first line does not say what an index has to say")
        }
        self.signer = signer
        guard index.format == SnapshotIndex.formatNumber else {
            throw BackupError.malformedIndex("it is of format \(index.format), which Lastro does not know")
        }
        // An old index in the place of another one is signed as well.
        guard index.id == id, index.manifest.name == id.manifestName else { throw BackupError.misplacedIndex(id) }
    }
}

/// Writes JSON the same way every time.
func manifestEncoder() -> JSONEncoder {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return encoder
}
