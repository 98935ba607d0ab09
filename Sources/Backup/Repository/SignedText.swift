#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// A line of JSON, and a line with the key and the signature.
struct SignedText: Sendable {
    /// Why a text is not to be believed.
    enum Problem: Error {
        case malformed(String)
        case forged
        case other(any Error)
    }

    private static let mark = "ed25519"

    /// The JSON.
    let line: [UInt8]
    let signer: VerificationKey

    /// Writes a value and signs it.
    ///
    /// - Parameters:
    ///   - value: what to write.
    ///   - label: what is signed before the line, so that a text of one kind never stands for one of another.
    ///   - key: what signs.
    /// - Returns: the text.
    /// - Throws: ``BackupError`` if libcrypto refuses the key.
    static func encode(_ value: some Encodable, label: String, signedWith key: SigningKey) throws -> [UInt8] {
        let line = [UInt8](try manifestEncoder().encode(value)) + [UInt8(ascii: "\n")]
        let signature = Base64.encode(try key.sign(Array("\(label)\n".utf8) + line))
        return line + Array("\(mark) \(key.verificationKey) \(String(decoding: signature, as: UTF8.self))\n".utf8)
    }

    /// Reads a text and checks its signature; whose key it is remains to be looked at.
    init(reading bytes: [UInt8], label: String) throws(Problem) {
        let lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        guard lines.count == 3, lines[2].isEmpty else { throw .malformed("it is not of two lines") }
        let words = String(decoding: lines[1], as: UTF8.self).split(separator: " ").map(String.init)
        guard words.count == 3, words[0] == Self.mark, let signer = VerificationKey(words[1]),
            let signature = Base64.decode(Array(words[2].utf8)[...])
        else { throw .malformed("its second line is no signature") }
        let isAccepted: Bool
        do {
            isAccepted = try signer.accepts(
                signature,
                of: Array("\(label)\n".utf8) + lines[0] + [UInt8(ascii: "\n")]
            )
        } catch {
            throw .other(error)
        }
        guard isAccepted else { throw .forged }
        line = Array(lines[0])
        self.signer = signer
    }
}

/// Writes JSON the same way every time.
func manifestEncoder() -> JSONEncoder {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return encoder
}
