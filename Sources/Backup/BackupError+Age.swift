import SystemPackage

extension BackupError {
    static func malformedArmor(_ why: String) -> Self {
        Self(
            .malformedArmor,
            "the armor of the age file is malformed: \(why)",
            state: "what was released so far is the beginning of the content",
            next: "get the file again: it was changed on its way"
        )
    }

    static func malformedHeader(_ why: String) -> Self {
        Self(
            .malformedHeader,
            "the header of the age file is malformed: \(why)",
            state: "nothing was released",
            next: "see whether it is the right file, and get it again"
        )
    }

    static func excessiveWorkFactor(_ workFactor: Int, limit: Int) -> Self {
        Self(
            .excessiveWorkFactor,
            "the passphrase's work factor is \(workFactor), and at most \(limit) is allowed",
            state: "nothing was computed or released",
            next: "do not trust the file; if it is yours, decrypt it with `age` on a machine with enough memory"
        )
    }

    static func noMatch(isForPassphrase: Bool) -> Self {
        Self(
            .noMatch,
            isForPassphrase
                ? "the file is encrypted with a passphrase, and none that was given fits"
                : "the file is not encrypted to any of the identities",
            state: "nothing was released",
            next: isForPassphrase
                ? "give the passphrase in a variable, and its name with --passphrase-env"
                : "name the identity's file with --identity"
        )
    }

    static func damagedPayload(_ why: String) -> Self {
        Self(
            .damagedPayload,
            "the content of the age file is damaged: \(why)",
            state: "what was released so far is the beginning of the content",
            next: "do not use it as if it were whole; get the file again"
        )
    }

    static func unreadableStream(_ problem: Errno) -> Self {
        Self(
            .stream,
            "the input cannot be read: \(problem)",
            state: "the output is not whole",
            next: "see to it that the input can be read, and do it again"
        )
    }

    static func unwritableStream(_ problem: Errno) -> Self {
        Self(
            .stream,
            "the output cannot be written: \(problem)",
            state: "the output is not whole",
            next: "see to it that there is space and that somebody reads it, and do it again"
        )
    }

    static func cryptography(_ what: String) -> Self {
        Self(
            .cryptography,
            "libcrypto refuses \(what)",
            state: "nothing was released",
            next: "see whether its configuration or FIPS mode forbids it"
        )
    }
}
