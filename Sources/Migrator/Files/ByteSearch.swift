#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

extension UnsafeRawBufferPointer {
    /// The offset of the first such byte, found by the C library's vectorised search.
    func offset(of byte: UInt8) -> Int? {
        guard let start = baseAddress, let found = memchr(start, Int32(byte), count) else { return nil }
        return UnsafeRawPointer(found) - start
    }
}

extension UnsafeRawBufferPointer {
    /// The offset of the first such text, which is not empty.
    func offset(of text: String) -> Int? {
        var text = text
        return text.withUTF8 { needle in
            guard let first = needle.first else { return nil }
            var start = 0
            while let found = UnsafeRawBufferPointer(rebasing: self[start...]).offset(of: first) {
                let candidate = start + found
                guard candidate + needle.count <= count else { return nil }
                if self[candidate..<candidate + needle.count].elementsEqual(needle) { return candidate }
                start = candidate + 1
            }
            return nil
        }
    }
}

extension UnsafeRawBufferPointer {
    /// The offsets of a word of letters, given in lower case, in whatever case it stands.
    func places(ofWord word: StaticString) -> [Int] {
        let length = word.utf8CodeUnitCount
        guard count >= length else { return [] }
        let letters = word.utf8Start
        var places: [Int] = []
        var offset = 0
        while offset <= count - length {
            var matched = 0
            while matched < length, self[offset + matched] | 0x20 == letters[matched] { matched += 1 }
            if matched == length { places.append(offset) }
            offset += matched == 0 ? 1 : matched
        }
        return places
    }
}
