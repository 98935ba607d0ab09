/// Looks whether markup is whole: what somebody else wrote must not have opened or closed anything.
struct Markup {
    private static let void: Set<String> = ["meta", "link", "input", "rect", "path", "br", "img"]

    private let bytes: [UInt8]
    private var place = 0
    private var open: [String] = []
    private var names: Set<String> = []

    private init(_ html: String) { bytes = Array(html.utf8) }

    /// The first thing that is not as it ought to be; nil for whole markup.
    static func problem(in html: String) -> String? {
        var markup = Markup(html)
        while let end = markup.bytes[markup.place...].firstIndex(of: UInt8(ascii: "<")) {
            markup.place = end + 1
            guard markup.readElement() else { return "cannot be read: \(markup.surroundings(of: end))" }
        }
        return markup.open.last.map { "<\($0)> is not closed" }
    }

    /// The names of all attributes.
    static func attributes(in html: String) -> Set<String> {
        var markup = Markup(html)
        while let end = markup.bytes[markup.place...].firstIndex(of: UInt8(ascii: "<")) {
            markup.place = end + 1
            _ = markup.readElement()
        }
        return markup.names
    }

    private func surroundings(of place: Int) -> String {
        String(decoding: bytes[max(0, place - 100)..<min(bytes.count, place + 100)], as: UTF8.self)
    }

    private var next: UInt8? { place < bytes.count ? bytes[place] : nil }

    private mutating func take(_ character: Character) -> Bool {
        guard next == character.asciiValue else { return false }
        place += 1
        return true
    }

    private mutating func takeWord() -> String {
        let start = place
        while let byte = next, isLetter(byte) || byte == UInt8(ascii: "-") || byte == UInt8(ascii: ":") { place += 1 }
        return String(decoding: bytes[start..<place], as: UTF8.self).lowercased()
    }

    private func isLetter(_ byte: UInt8) -> Bool {
        (0x30...0x39).contains(byte) || (0x41...0x5a).contains(byte) || (0x61...0x7a).contains(byte)
    }

    private mutating func skipBlanks() {
        while let byte = next, byte == 0x20 || byte == 0x0a { place += 1 }
    }

    /// Reads from behind a `<`; whether that was an element in its place.
    private mutating func readElement() -> Bool {
        if take("!") { return bytes[place...].starts(with: Array("doctype html>".utf8)) }
        let isClosing = take("/")
        let name = takeWord()
        guard !name.isEmpty else { return false }
        if isClosing { return take(">") && open.popLast() == name }
        while true {
            skipBlanks()
            if take("/") { return take(">") }
            if take(">") {
                if !Self.void.contains(name) { open.append(name) }
                return true
            }
            let attribute = takeWord()
            guard !attribute.isEmpty else { return false }
            names.insert(attribute)
            guard take("=") else { continue }
            guard take("\""), let end = bytes[place...].firstIndex(of: UInt8(ascii: "\"")) else { return false }
            guard !bytes[place..<end].contains(UInt8(ascii: "<")) else { return false }
            place = end + 1
        }
    }
}
