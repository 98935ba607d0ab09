import SystemPackage

extension BackupError {
    /// What is wrong with a file of the host's keys.
    enum KeyProblem {
        case noSigning
        case noDeduplication
        case otherLine
        case problem(Errno)

        var words: String {
            switch self {
            case .noSigning: "it holds no key that signs"
            case .noDeduplication: "it holds no deduplication key"
            case .otherLine: "a line of it is no key of the host's"
            case .problem(let errno): "\(errno)"
            }
        }
    }

    static func unusableHostKeys(_ path: String, _ problem: KeyProblem) -> Self {
        Self(
            .unusableHostKeys,
            "\(path), a file of the host's keys, cannot be used: \(problem.words)",
            state: "nothing was written",
            next:
                "restore the file, or move it away: a new key is made. A new deduplication key costs a full backup; a new "
                + "key that signs has to be made known to whoever uses --trust"
        )
    }

    static func noSigningKey(_ path: String) -> Self {
        Self(
            .unusableHostKeys,
            "there is no key that signs in \(path)",
            state: "nothing was written",
            next: "make one with `lastro backup keygen --signing --output \(path)`"
        )
    }

    static func signingKeyExists(_ path: String) -> Self {
        Self(
            .unwritableKeyFile,
            "there is a file \(path)",
            state: "it is as it was",
            next: "name another file: a key that signed something is still needed"
        )
    }
}
