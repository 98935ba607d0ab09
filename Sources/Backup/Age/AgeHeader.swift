/// The header of an age file: the file key for each recipient, and a code that only who has the file key can make.
struct AgeHeader: Hashable, Sendable {
    static let columns = 64
    static let version = "age-encryption.org/v1"
    /// More than any header holds that somebody wrote in earnest: what is longer would only use up memory.
    static let sizeLimit = 1 << 20

    private(set) var stanzas: [AgeStanza]
    /// Everything that the code covers: up to and with `---`.
    private let covered: [UInt8]
    private let code: [UInt8]

    /// Makes the header of a file with this file key.
    init(_ stanzas: [AgeStanza], fileKey: SecretBytes) throws {
        self.stanzas = stanzas
        covered = Array((Self.version + "\n").utf8) + stanzas.flatMap(\.encoded) + Array("---".utf8)
        code = try Self.code(of: covered, fileKey: fileKey)
    }

    /// The header as it stands in a file.
    var encoded: [UInt8] { covered + [UInt8(ascii: " ")] + Base64.encode(code) + [UInt8(ascii: "\n")] }

    /// Whether the header is what somebody wrote who has the file key.
    func isAuthentic(for fileKey: SecretBytes) throws -> Bool {
        areEqualInConstantTime(try Self.code(of: covered, fileKey: fileKey), code)
    }

    // age v1, "Header MAC"
    private static func code(of covered: [UInt8], fileKey: SecretBytes) throws -> [UInt8] {
        try KeyDerivation.hmac(covered, key: KeyDerivation.hkdf(fileKey, salt: [], info: "header"))
    }
}

extension AgeHeader {
    /// Reads a header, of which nothing is to be believed before ``isAuthentic(for:)``.
    init(reading reader: BufferedReader) throws {
        var lines = HeaderLines(reader: reader)
        let first = try lines.next()
        guard first.elementsEqual(Self.version.utf8) else {
            throw BackupError.malformedHeader(
                first.starts(with: "age-encryption.org/".utf8)
                    ? "it is of a version that Lastro does not know" : "it does not begin as an age file does"
            )
        }
        var stanzas: [AgeStanza] = []
        while true {
            let line = try lines.next()
            if line.starts(with: "-> ".utf8) {
                stanzas.append(AgeStanza(try Self.arguments(of: line), body: try Self.body(from: &lines)))
            } else if line.starts(with: "---".utf8) {
                guard line.count == 47, line[3] == UInt8(ascii: " "), let code = Base64.decode(line[4...]) else {
                    throw BackupError.malformedHeader("its authentication code is malformed")
                }
                self.init(stanzas: stanzas, covered: Array(lines.read.dropLast(45)), code: code)
                return
            } else {
                throw BackupError.malformedHeader("a recipient's part does not begin as it must")
            }
        }
    }

    private init(stanzas: [AgeStanza], covered: [UInt8], code: [UInt8]) {
        self.stanzas = stanzas
        self.covered = covered
        self.code = code
    }

    /// At least one argument, each of printable characters, with one blank between them.
    private static func arguments(of line: [UInt8]) throws -> [[UInt8]] {
        let arguments = line.dropFirst(3).split(separator: UInt8(ascii: " "), omittingEmptySubsequences: false)
        guard arguments.allSatisfy({ !$0.isEmpty && $0.allSatisfy { (33...126).contains($0) } }) else {
            throw BackupError.malformedHeader("a recipient's part has malformed arguments")
        }
        return arguments.map(Array.init)
    }

    /// Full lines and a last one that is shorter, be it empty.
    private static func body(from lines: inout HeaderLines) throws -> [UInt8] {
        var text: [UInt8] = []
        while true {
            let line = try lines.next()
            guard line.count <= columns else {
                throw BackupError.malformedHeader("a line of a recipient's part is longer than \(columns) characters")
            }
            text += line
            if line.count < columns { break }
        }
        guard let body = Base64.decode(text[...]) else {
            throw BackupError.malformedHeader("a recipient's part is no canonical base64")
        }
        return body
    }
}

/// Reads a header's lines, and keeps what was read.
private struct HeaderLines {
    let reader: BufferedReader
    private(set) var read: [UInt8] = []

    init(reader: BufferedReader) {
        self.reader = reader
    }

    /// The next line without its newline.
    mutating func next() throws -> [UInt8] {
        guard let line = try reader.readLine(limit: AgeHeader.sizeLimit - read.count) else {
            throw BackupError.malformedHeader("it is longer than \(AgeHeader.sizeLimit) bytes")
        }
        guard line.last == UInt8(ascii: "\n") else { throw BackupError.malformedHeader("the file ends in it") }
        read += line
        return Array(line.dropLast())
    }
}
