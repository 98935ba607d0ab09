import SourceText
import SystemPackage

extension BackupError {
    static func malformedRecipient(_ text: String) -> Self {
        // A secret key in the place of the public one must not be repeated.
        let isSecret = text.uppercased().hasPrefix("AGE-SECRET-KEY-")
        return Self(
            .unusableRecipient,
            isSecret ? "the recipient is a secret key" : "\"\(text.prefix(80))\" is no recipient",
            state: "nothing was encrypted",
            next: "give the public key, age1…, that `age-keygen -y` or `lastro backup keygen` prints"
        )
    }

    static func unsupportedRecipient(_ text: String, kind: String) -> Self {
        kind.lowercased().hasPrefix("age-secret-key-")
            ? malformedRecipient(text)
            : Self(
                .unusableRecipient,
                "\"\(text.prefix(80))\" is a recipient of a kind that is not supported",
                state: "nothing was encrypted",
                next: "use a key of type X25519, age1… with 62 characters, or a passphrase"
            )
    }

    static func noRecipients() -> Self {
        Self(
            .unusableRecipient,
            "there is nobody to encrypt to",
            state: "nothing was encrypted",
            next: "name a recipient with --recipient"
        )
    }

    static func passphraseAmongRecipients() -> Self {
        Self(
            .unusableRecipient,
            "a passphrase stands beside other recipients",
            state: "nothing was encrypted",
            next: "use either a passphrase or recipients: a file that has a passphrase can have nothing else (age v1)"
        )
    }

    static func malformedIdentity(_ path: String, line: Int) -> Self {
        identity("the line is no identity", path, line, next: "keep in it what age-keygen wrote: AGE-SECRET-KEY-1…")
    }

    static func unsupportedIdentity(_ path: String, line: Int) -> Self {
        identity(
            "the identity is of a kind that is not supported",
            path,
            line,
            next: "use an identity of type X25519: AGE-SECRET-KEY-1…; post-quantum ones and plugins need `age` itself"
        )
    }

    private static func identity(_ message: String, _ path: String, _ line: Int, next: String) -> Self {
        Self(
            .unusableIdentity,
            message,
            at: SourceLocation(file: path, position: SourcePosition(line: line, column: 1)),
            state: "nothing was decrypted",
            next: next
        )
    }

    static func noIdentities(_ path: String) -> Self {
        Self(
            .unusableIdentity,
            "\(path) holds no identity",
            state: "nothing was decrypted",
            next: "name a file that `age-keygen` or `lastro backup keygen` wrote"
        )
    }

    static func encryptedIdentities(_ path: String) -> Self {
        Self(
            .unusableIdentity,
            "\(path) is itself encrypted",
            state: "nothing was decrypted",
            next: "give its passphrase with --passphrase-env, or decrypt it first, to a place that only you can read"
        )
    }

    static func unreadableIdentities(_ path: String, _ problem: Errno) -> Self {
        Self(
            .unusableIdentity,
            "\(path) cannot be read: \(problem)",
            state: "nothing was decrypted",
            next: "name a file of identities that you may read"
        )
    }

    static func keyFileExists(_ path: String) -> Self {
        Self(
            .unwritableKeyFile,
            "there is a file \(path)",
            state: "it is as it was, and no key was made",
            next: "name another file: what was encrypted to a key that is overwritten would be lost"
        )
    }

    static func unwritableKeyFile(_ path: String, _ problem: Errno) -> Self {
        Self(
            .unwritableKeyFile,
            "\(path) cannot be written: \(problem)",
            state: "no key was made",
            next: "name a file in a folder that you may write to"
        )
    }
}
