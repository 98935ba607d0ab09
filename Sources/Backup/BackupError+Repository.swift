import SystemPackage

extension BackupError {
    private static let unchanged = "the repository is as it was"

    static func unwritableStore(_ path: String, _ problem: Errno) -> Self {
        Self(
            .store,
            "\(path) cannot be written: \(problem)",
            state: "the snapshots that were there are as they were; what was written of a new one is not visible",
            next: "see to it that there is space and that the folder may be written, and do it again"
        )
    }

    static func unreadableStore(_ path: String, _ problem: Errno) -> Self {
        Self(.store, "\(path) cannot be read: \(problem)", state: unchanged, next: "see to it that it may be read")
    }

    static func noSnapshots(in store: String) -> Self {
        Self(
            .noSnapshot,
            "there is no snapshot in \(store)",
            state: unchanged,
            next: "make one with `lastro backup create`, or name another repository"
        )
    }

    static func noSnapshot(_ name: String) -> Self {
        Self(
            .noSnapshot,
            "there is no snapshot \(name)",
            state: unchanged,
            next: "`lastro backup list` shows those there are"
        )
    }

    static func ambiguousSnapshot(_ name: String, _ fitting: [SnapshotID]) -> Self {
        Self(
            .noSnapshot,
            "\(name) may be \(fitting.map(\.description).joined(separator: " or "))",
            state: unchanged,
            next: "write more of the name"
        )
    }

    static func malformedIndex(_ why: String) -> Self {
        Self(
            .malformedSnapshot,
            "the index of a snapshot is malformed: \(why)",
            state: unchanged,
            next: "use another snapshot, and keep this one for inspection"
        )
    }

    static func forgedIndex(_ id: SnapshotID) -> Self {
        Self(
            .untrusted,
            "the index of snapshot \(id) is not what was signed",
            state: unchanged,
            next: "use another snapshot, keep this one for inspection, and see who can write to the store"
        )
    }

    static func untrustedSigner(_ signer: VerificationKey, of id: SnapshotID) -> Self {
        Self(
            .untrusted,
            "the index of snapshot \(id) is signed by \(signer), which is not trusted",
            state: unchanged,
            next: "if that is a key of yours, name it with --trust; otherwise see who can write to the store"
        )
    }

    static func misplacedIndex(_ id: SnapshotID) -> Self {
        Self(
            .untrusted,
            "the index in the place of snapshot \(id) is that of another",
            state: unchanged,
            next: "use another snapshot, and see who can write to the store"
        )
    }

    static func malformedManifest(_ id: SnapshotID) -> Self {
        Self(
            .malformedSnapshot,
            "the manifest of snapshot \(id) does not say what a manifest has to say",
            state: unchanged,
            next: "use the release of Lastro that made it, or another snapshot"
        )
    }

    static func missingObject(_ name: String) -> Self {
        Self(
            .damagedRepository,
            "\(name) is missing",
            state: unchanged,
            next: "restore the file from a copy of the repository, or use another snapshot"
        )
    }

    static func changedObject(_ name: String, _ how: String) -> Self {
        Self(
            .damagedRepository,
            "\(name) \(how)",
            state: unchanged,
            next: "restore the file from a copy of the repository, or use another snapshot"
        )
    }

    static func compression(_ why: String) -> Self {
        Self(
            .compression,
            "zstd: \(why)",
            state: unchanged,
            next: "use another snapshot, and keep this one for inspection"
        )
    }

    static func opaqueIndex(_ name: String) -> Self {
        Self(
            .malformedSnapshot,
            "\(name) is damaged or forged: what its snapshot needs cannot be told",
            state: "nothing was deleted; the repository is as it was",
            next:
                "restore the file from a copy of the repository, or take it away if the snapshot is lost, and prune again"
        )
    }

    static func shortGrace(_ grace: Duration, longest: Int) -> Self {
        Self(
            .unusableOption,
            "what is marked would go after \(grace), and a backup has taken \(longest) s",
            state: "nothing was marked",
            next: "give a --grace that is longer than the longest backup"
        )
    }
}
