import COpenSSL
import Foundation

/// A password as it is stored: what it costs to try, a salt, and what scrypt makes of both.
///
/// As text it is `$scrypt$ln=15,r=8,p=3$SALT$KEY`, with Base64 without padding (the PHC string format).
struct PasswordHash: Hashable, Sendable {
    let cost: ScryptCost
    let salt: [UInt8]
    let key: [UInt8]

    /// Makes the hash of a password, with a new salt.
    ///
    /// - Throws: ``AccountError`` if the library refuses.
    init(of password: String, cost: ScryptCost) throws(AccountError) {
        let salt = try Random.bytes(16)
        self.init(cost: cost, salt: salt, key: try Self.derive(password, salt: salt, cost: cost))
    }

    /// Reads a stored hash; nil for one of another kind.
    init?(_ text: String) {
        let pieces = text.split(separator: "$", omittingEmptySubsequences: false).map(String.init)
        guard pieces.count == 5, pieces[0].isEmpty, pieces[1] == "scrypt", let cost = ScryptCost(pieces[2]),
            let salt = Base64Text.bytes(of: pieces[3]), let key = Base64Text.bytes(of: pieces[4]),
            (4...64).contains(salt.count), key.count == Self.keyLength
        else { return nil }
        self.init(cost: cost, salt: salt, key: key)
    }

    private init(cost: ScryptCost, salt: [UInt8], key: [UInt8]) {
        self.cost = cost
        self.salt = salt
        self.key = key
    }

    /// The hash as it is stored.
    var text: String { "$scrypt$\(cost)$\(Base64Text.text(of: salt))$\(Base64Text.text(of: key))" }

    /// Whether a password is the one that was hashed; how much of it is right shows in no time.
    func fits(_ password: String) throws(AccountError) -> Bool {
        let found = try Self.derive(password, salt: salt, cost: cost)
        return CRYPTO_memcmp(found, key, key.count) == 0
    }

    private static let keyLength = 32

    private static func derive(_ password: String, salt: [UInt8], cost: ScryptCost) throws(AccountError) -> [UInt8] {
        // One password, however a keyboard composes its letters.
        var secret = Array(password.precomposedStringWithCompatibilityMapping.utf8)
        defer { OPENSSL_cleanse(&secret, secret.count) }
        var key = [UInt8](repeating: 0, count: keyLength)
        let rounds: UInt64 = 1 << UInt64(cost.logarithm)
        let memory = 128 * UInt64(cost.blockSize) * (rounds + UInt64(cost.parallelism)) + (1 << 20)
        let isDerived = secret.withUnsafeBytes { secret in
            EVP_PBE_scrypt(
                secret.bindMemory(to: CChar.self).baseAddress,
                secret.count,
                salt,
                salt.count,
                rounds,
                UInt64(cost.blockSize),
                UInt64(cost.parallelism),
                memory,
                &key,
                key.count
            ) == 1
        }
        guard isDerived else { throw .cryptography("scrypt") }
        return key
    }
}

/// Random bytes, fit for keys, salts and tokens.
enum Random {
    static func bytes(_ count: Int) throws(AccountError) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: count)
        guard RAND_bytes(&bytes, Int32(count)) == 1 else { throw .cryptography("random bytes") }
        return bytes
    }
}

/// Base64 without padding.
enum Base64Text {
    static func text(of bytes: [UInt8]) -> String {
        Data(bytes).base64EncodedString().replacing("=", with: "")
    }

    /// Base64 that may stand in a URL (RFC 4648, section 5).
    static func webText(of bytes: [UInt8]) -> String {
        text(of: bytes).replacing("+", with: "-").replacing("/", with: "_")
    }

    static func bytes(of text: String) -> [UInt8]? {
        let padding = String(repeating: "=", count: (4 - text.utf8.count % 4) % 4)
        return Data(base64Encoded: text + padding).map { [UInt8]($0) }
    }
}
