/// What the server prints of an array that is cast, which is not what it prints once it has read that.
///
/// `status IN ('a', 'b')` on a varchar is printed as `status::text = ANY ((ARRAY['a'::varchar, 'b'::varchar])::text[])`. Read
/// again, the cast goes to each element instead of the array, and is printed so: the text would differ for ever.
extension String {
    /// An expression as the server printed it, in words that it reads back as the same expression: with the array's own type behind
    /// it, the cast stays where it is.
    package var withSettledArrayCasts: String {
        rewritingArrayCasts { elements, type, cast in "(ARRAY[\(elements)]::\(type)[])::\(cast)" }
    }

    /// An expression as the server printed it, in the words in which it prints that once it has read it.
    package var withSpreadArrayCasts: String {
        rewritingArrayCasts { elements, _, cast in
            let spread = Self.split(Array(elements.utf8)).map { "(\($0))::\(cast.dropLast(2))" }
            return "ARRAY[\(spread.joined(separator: ", "))]"
        }
    }

    /// Whether `(ARRAY[` stands in it.
    package var holdsArray: Bool {
        let array = Array("(ARRAY[".utf8)
        return utf8.withContiguousStorageIfAvailable { bytes in
            bytes.indices.contains { index in
                bytes[index] == UInt8(ascii: "(") && bytes[index...].starts(with: array)
            }
        } ?? contains("(ARRAY[")
    }

    /// Puts something else in the place of each array that is cast to another type than its elements have.
    ///
    /// - Parameter rewrite: makes it of the elements, their type and the array's.
    /// - Returns: the text with what was made.
    private func rewritingArrayCasts(
        _ rewrite: (_ elements: String, _ type: String, _ cast: String) -> String
    ) -> String {
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
            result += bytes[next..<start]
            result += rewrite(String(decoding: bytes[(start + 7)..<end], as: UTF8.self), type, cast).utf8
            next = end + 4 + cast.utf8.count
            index = next
        }
        result += bytes[next...]
        return String(decoding: result, as: UTF8.self)
    }

    /// The elements between the brackets of an array.
    private static func split(_ elements: [UInt8]) -> [String] {
        var parts: [String] = []
        var start = 0
        var depth = 0
        var index = 0
        while index < elements.count {
            if let end = skippingQuotes(at: index, in: elements) {
                index = end
                continue
            }
            switch elements[index] {
            case UInt8(ascii: "["), UInt8(ascii: "("): depth += 1
            case UInt8(ascii: "]"), UInt8(ascii: ")"): depth -= 1
            case UInt8(ascii: ",") where depth == 0:
                parts.append(String(decoding: elements[start..<index], as: UTF8.self))
                start = index + 2  // a blank follows
            default: break
            }
            index += 1
        }
        return parts + [String(decoding: elements[Swift.min(start, elements.count)...], as: UTF8.self)]
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
    /// The catalog with expressions in the words in which the server prints them once it has read them.
    package var withSpreadArrayCasts: Catalog {
        let spread = objects.map { object -> CatalogObject in
            guard object.attributes.contains(where: { $0.value.holdsArray }) else { return object }
            let attributes = object.attributes.mapValues { value in
                if case .text(let text) = value { AttributeValue.text(text.withSpreadArrayCasts) } else { value }
            }
            return CatalogObject(object.identity, attributes: attributes, sortedDependencies: object.dependencies)
        }
        return Catalog(serverVersion: serverVersion, sorted: spread, notModelled: notModelled)
    }
}

extension AttributeValue {
    fileprivate var holdsArray: Bool {
        if case .text(let text) = self { text.holdsArray } else { false }
    }
}
