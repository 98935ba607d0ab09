import SQLSyntax

/// A statement as it is prepared: its named parameters are numbers, and every byte knows where it came from.
struct PreparedText {
    /// What a prepared statement is called; the session is Lastro's own.
    static let name = "lastro_query"

    /// What is sent.
    let sql: String
    /// The statement in it, without the PREPARE.
    let body: String
    /// Where each parameter stands in the body.
    let parameters: [Range<Int>]
    /// How many values it takes.
    let parameterCount: Int
    /// Whether the type of each of them is declared.
    let isTyped: Bool
    private let prefixLength: Int
    private let pieces: [Piece]
    private let types: [(range: Range<Int>, offset: Int)]

    /// A part of the body that stands so in the file, or a number for a name.
    private struct Piece {
        let start: Int
        let origin: Int
        let isCopied: Bool
    }

    init(_ statement: SQLStatement, in script: SQLScript, types declared: [String: QueryDirectives.Entry]) {
        var body: [UInt8] = []
        var pieces: [Piece] = []
        var parameters: [Range<Int>] = []
        var numbers: [String: Int] = [:]
        let given = Self.greatestNumber(in: script.utf8[statement.range])
        var position = statement.range.lowerBound
        for parameter in statement.namedParameters {
            pieces.append(Piece(start: body.count, origin: position, isCopied: true))
            body += script.utf8[position..<parameter.range.lowerBound]
            let number = numbers[parameter.name] ?? given + numbers.count + 1
            numbers[parameter.name] = number
            pieces.append(Piece(start: body.count, origin: parameter.range.lowerBound, isCopied: false))
            let start = body.count
            body += "$\(number)".utf8
            parameters.append(start..<body.count)
            position = parameter.range.upperBound
        }
        pieces.append(Piece(start: body.count, origin: position, isCopied: true))
        body += script.utf8[position..<statement.range.upperBound]
        let count = given + numbers.count
        let names = Dictionary(uniqueKeysWithValues: numbers.map { ($1, $0) })
        var prefix = "PREPARE \(Self.name)"
        var types: [(Range<Int>, Int)] = []
        let words = (0..<count).map { declared[names[$0 + 1] ?? String($0 + 1)] }
        if words.contains(where: { $0 != nil }) {
            prefix += " ("
            for (index, word) in words.enumerated() {
                if index > 0 { prefix += ", " }
                let start = prefix.utf8.count
                prefix += word?.text ?? "unknown"
                if let word { types.append((start..<prefix.utf8.count, word.offset)) }
            }
            prefix += ")"
        }
        prefix += " AS "
        self.body = String(decoding: body, as: UTF8.self)
        sql = prefix + self.body
        self.parameters = parameters
        parameterCount = count
        isTyped = words.allSatisfy { $0 != nil }
        prefixLength = prefix.utf8.count
        self.pieces = pieces
        self.types = types
    }

    /// The body's byte that a byte of the sent text is; nil for the PREPARE before it.
    func bodyOffset(ofSent offset: Int) -> Int? { offset >= prefixLength ? offset - prefixLength : nil }

    /// The byte of the file that a byte of the sent text comes from.
    func origin(ofSent offset: Int) -> Int {
        if let offset = bodyOffset(ofSent: offset) { return origin(ofBody: offset) }
        return types.first { $0.range.contains(offset) }?.offset ?? pieces[0].origin
    }

    /// The byte of the file that a byte of the body comes from.
    func origin(ofBody offset: Int) -> Int {
        let piece = pieces.last { $0.start <= offset } ?? pieces[0]
        return piece.isCopied ? piece.origin + offset - piece.start : piece.origin
    }

    /// The body with something else in place of each named parameter.
    func body(replacingParametersBy text: String) -> String {
        var bytes = Array(body.utf8)
        for range in parameters.reversed() { bytes.replaceSubrange(range, with: text.utf8) }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// The call that the server is asked to plan, with no value for any parameter.
    var explanation: String {
        let values = Array(repeating: "NULL", count: parameterCount).joined(separator: ", ")
        return "EXPLAIN EXECUTE \(Self.name)" + (values.isEmpty ? "" : "(\(values))")
    }

    /// The greatest `$n` that stands in a text already.
    private static func greatestNumber(in bytes: ArraySlice<UInt8>) -> Int {
        var greatest = 0
        var index = bytes.startIndex
        while index < bytes.endIndex {
            guard bytes[index] == UInt8(ascii: "$") else {
                index += 1
                continue
            }
            let digits = bytes[(index + 1)...].prefix { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
            greatest = max(greatest, Int(String(decoding: digits.prefix(5), as: UTF8.self)) ?? 0)
            index = digits.endIndex
        }
        return greatest
    }
}
