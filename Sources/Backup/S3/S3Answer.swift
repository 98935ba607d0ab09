/// What a store says in XML, as far as it matters: the texts of elements by their names.
struct S3Answer {
    private let text: String

    init(_ body: [UInt8]) {
        text = String(decoding: body, as: UTF8.self)
    }

    /// The text of the first element of a name; nil if there is none.
    func value(_ name: String) -> String? {
        element(name, in: text[...]).map { Self.decoded($0.content) }
    }

    /// The content of all elements of a name, each as an answer of its own.
    func all(_ name: String) -> [S3Answer] {
        var found: [S3Answer] = []
        var rest = text[...]
        while let element = element(name, in: rest) {
            found.append(S3Answer(Array(element.content.utf8)))
            rest = element.rest
        }
        return found
    }

    private func element(_ name: String, in text: Substring) -> (content: Substring, rest: Substring)? {
        guard let begin = text.firstRange(of: "<\(name)>"),
            let end = text[begin.upperBound...].firstRange(of: "</\(name)>")
        else { return nil }
        return (text[begin.upperBound..<end.lowerBound], text[end.upperBound...])
    }

    /// A text with its entities resolved.
    private static func decoded(_ text: Substring) -> String {
        guard text.contains("&") else { return String(text) }
        return String(text).replacing("&lt;", with: "<").replacing("&gt;", with: ">").replacing("&quot;", with: "\"")
            .replacing("&apos;", with: "'").replacing("&#34;", with: "\"").replacing("&amp;", with: "&")
    }
}
