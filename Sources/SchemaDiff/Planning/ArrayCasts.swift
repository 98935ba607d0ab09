import Catalog

extension String {
    /// An expression as the server printed it, in words that it reads back as the same expression.
    ///
    /// `status IN ('a', 'b')` on a varchar is printed as `status::text = ANY ((ARRAY['a'::varchar, 'b'::varchar])::text[])`.
    /// Read again, the cast goes to each element instead of the array, and is printed so: the text would differ for ever.
    /// With the array's own type behind it, the cast stays where it is.
    var withSettledArrayCasts: String {
        guard holdsArray else { return self }
        let bytes = Array(utf8)
        var result: [UInt8] = []
        var next = 0
        var index = 0
        while let start = Self.start(of: "(ARRAY[", in: bytes, from: index) {
            index = start + 7
            guard let end = Self.end(ofBracketAt: start + 6, in: bytes),
                bytes[(end + 1)...].starts(with: ")::".utf8), let type = Self.elementType(bytes[(start + 7)..<end]),
                let cast = Self.arrayType(bytes[(end + 4)...]), cast != type + "[]"
            else { continue }
            result += bytes[next...end]
            result += "::\(type)[]".utf8
            next = end + 1
            index = next
        }
        result += bytes[next...]
        return String(decoding: result, as: UTF8.self)
    }

    /// Whether `(ARRAY[` stands in it.
    fileprivate var holdsArray: Bool {
        let array = Array("(ARRAY[".utf8)
        return utf8.withContiguousStorageIfAvailable { bytes in
            bytes.indices.contains { index in
                bytes[index] == UInt8(ascii: "(") && bytes[index...].starts(with: array)
            }
        } ?? contains("(ARRAY[")
    }

    /// Where a text stands outside of quotes.
    private static func start(of text: String, in bytes: [UInt8], from first: Int) -> Int? {
        var index = first
        while index < bytes.count {
            if let end = skippingQuotes(at: index, in: bytes) {
                index = end
            } else if bytes[index] == text.utf8.first, bytes[index...].starts(with: text.utf8) {
                return index
            } else {
                index += 1
            }
        }
        return nil
    }

    private static func end(ofBracketAt start: Int, in bytes: [UInt8]) -> Int? {
        var depth = 0
        var index = start
        while index < bytes.count {
            if let end = skippingQuotes(at: index, in: bytes) {
                index = end
                continue
            }
            if bytes[index] == UInt8(ascii: "[") { depth += 1 }
            if bytes[index] == UInt8(ascii: "]") { depth -= 1 }
            if depth == 0 { return index }
            index += 1
        }
        return nil
    }

    /// The end of the quoted text that begins at a place; nil if none does.
    private static func skippingQuotes(at start: Int, in bytes: [UInt8]) -> Int? {
        let quote = bytes[start]
        guard quote == UInt8(ascii: "'") || quote == UInt8(ascii: "\"") else { return nil }
        let isEscaped = quote == UInt8(ascii: "'") && start > 0 && bytes[start - 1] == UInt8(ascii: "E")
        var index = start + 1
        while index < bytes.count {
            if isEscaped, bytes[index] == UInt8(ascii: "\\") {
                index += 2
            } else if bytes[index] == quote {
                return index + 1
            } else {
                index += 1
            }
        }
        return bytes.count
    }

    /// The type that the last element of an array is cast to, where it is one of the server's plain ones.
    private static func elementType(_ elements: ArraySlice<UInt8>) -> String? {
        let text = String(decoding: elements, as: UTF8.self)
        return ["character varying", "bpchar"].first { text.hasSuffix("'::\($0)") }
    }

    private static func arrayType(_ rest: ArraySlice<UInt8>) -> String? {
        ["text[]"].first { rest.starts(with: $0.utf8) }
    }
}

extension Catalog {
    /// The catalog with expressions that the server reads back as the same ones.
    var withSettledArrayCasts: Catalog {
        let parts = objects.mapParts { objects in
            objects.indices.compactMap { index in
                objects[index].withSettledArrayCasts.map { (index: index, object: $0) }
            }
        }
        guard parts.contains(where: { !$0.isEmpty }) else { return self }
        var settled = objects
        for (index, object) in parts.joined() { settled[index] = object }
        return Catalog(serverVersion: serverVersion, sorted: settled, notModelled: notModelled)
    }
}

extension CatalogObject {
    /// The object with expressions that the server reads back as the same ones; nil where it has none that differ.
    fileprivate var withSettledArrayCasts: CatalogObject? {
        var settled: [AttributeName: AttributeValue]?
        for (name, value) in attributes {
            guard case .text(let text) = value, text.holdsArray, name.isWorded else { continue }
            let words = text.withSettledArrayCasts
            if words != text { settled = (settled ?? attributes).merging([name: .text(words)]) { $1 } }
        }
        return settled.map { CatalogObject(identity, attributes: $0, dependencies: dependencies) }
    }
}
