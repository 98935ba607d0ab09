#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// An index whose signature was checked.
struct SignedIndex: Sendable {
    private static let label = "lastro-backup-index-v1"

    let index: SnapshotIndex
    let signer: VerificationKey

    /// Writes an index and signs it.
    static func encode(_ index: SnapshotIndex, signedWith key: SigningKey) throws -> [UInt8] {
        try SignedText.encode(index, label: label, signedWith: key)
    }

    /// Reads an index and checks its signature.
    ///
    /// - Parameters:
    ///   - bytes: the file.
    ///   - id: the snapshot that it has to be of.
    ///   - generation: which of the snapshot's indexes it has to be.
    ///   - trusted: who may have signed it; nil for whoever it names.
    /// - Throws: ``BackupError`` if it is malformed, forged, of another hand or of another snapshot.
    init(reading bytes: [UInt8], of id: SnapshotID, generation: Int = 1, trusted: Set<VerificationKey>?) throws {
        let text: SignedText
        do {
            text = try SignedText(reading: bytes, label: Self.label)
        } catch .malformed(let why) {
            throw BackupError.malformedIndex(why)
        } catch .forged {
            throw BackupError.forgedIndex(id)
        } catch .other(let error) {
            throw error
        }
        if let trusted, !trusted.contains(text.signer) { throw BackupError.untrustedSigner(text.signer, of: id) }
        do {
            index = try JSONDecoder().decode(SnapshotIndex.self, from: Data(text.line))
        } catch let error as BackupError {
            throw error
        } catch {
            throw BackupError.malformedIndex("its first line does not say what an index has to say")
        }
        signer = text.signer
        guard index.format == SnapshotIndex.formatNumber else {
            throw BackupError.malformedIndex("it is of format \(index.format), which Lastro does not know")
        }
        // An old index in the place of another one is signed as well.
        guard index.id == id, (index.generation ?? 1) == generation,
            index.manifest.name == id.manifestName(generation: generation)
        else { throw BackupError.misplacedIndex(id) }
    }
}
