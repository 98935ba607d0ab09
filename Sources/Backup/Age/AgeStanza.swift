/// The part of a header that is for one recipient: the file key, wrapped for them.
struct AgeStanza: Hashable, Sendable {
    /// The kind of recipient, and what it needs beside the body.
    var arguments: [[UInt8]]
    var body: [UInt8]

    var type: String { arguments.first.map { String(decoding: $0, as: UTF8.self) } ?? "" }

    init(_ arguments: [[UInt8]], body: [UInt8]) {
        self.arguments = arguments
        self.body = body
    }

    /// The lines of the stanza (age v1, "Recipient stanza"): the body ends with a line of less than 64 characters.
    var encoded: [UInt8] {
        var text = Array("->".utf8)
        for argument in arguments { text += [UInt8(ascii: " ")] + argument }
        text.append(UInt8(ascii: "\n"))
        var rest = Base64.encode(body)[...]
        while rest.count >= AgeHeader.columns {
            text += rest.prefix(AgeHeader.columns) + [UInt8(ascii: "\n")]
            rest = rest.dropFirst(AgeHeader.columns)
        }
        return text + rest + [UInt8(ascii: "\n")]
    }
}
