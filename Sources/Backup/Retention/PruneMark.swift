#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// What is to be deleted, written down and signed some time before.
///
/// Backups that begin from then on treat these files as if they were not there; those that had begun before are over when
/// the time is.
struct PruneMark: Hashable, Codable, Sendable {
    static let formatNumber = 1
    static let label = "lastro-backup-prune-v1"

    var format = Self.formatNumber
    /// The file's own name, so that no other list can stand in its place.
    var name: String
    var time: String
    /// Before this nothing is deleted.
    var deletedAfter: String
    var snapshots: [SnapshotID]
    var files: [String]

    static func newName(time: String) throws -> String {
        "prune/\(Timestamp.digits(time))-\(hexadecimal(try randomBytes(4))).json"
    }
}

/// A list whose signature was checked.
struct SignedMark: Sendable {
    let mark: PruneMark
    let signer: VerificationKey
}

extension Repository {
    /// The lists of what is to be deleted, the oldest first; those that are not to be believed are left out.
    func marks() throws -> [SignedMark] {
        try store.names(in: "prune").sorted().compactMap { name in
            guard let bytes = try store.get(name), let text = try? SignedText(reading: bytes, label: PruneMark.label),
                trusted?.contains(text.signer) ?? true,
                let mark = try? JSONDecoder().decode(PruneMark.self, from: Data(text.line)),
                mark.format == PruneMark.formatNumber, mark.name == name
            else { return nil }  // whoever writes what is none has deleted nothing by it
            return SignedMark(mark: mark, signer: text.signer)
        }
    }

    /// The files that are to be deleted, whoever says so: to write one again is never wrong.
    func markedFiles() throws -> Set<String> {
        try Repository(in: store).marks().reduce(into: []) { $0.formUnion($1.mark.files) }
    }
}
