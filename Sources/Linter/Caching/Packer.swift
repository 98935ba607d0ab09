/// Writes values one behind the other, in the order in which ``Unpacker`` reads them.
struct Packer {
    private(set) var bytes: [UInt8] = []
    private(set) var strings: Strings

    /// The texts that values refer to by number, each of them once.
    struct Strings {
        private(set) var list: [String] = []
        private var numbers: [String: Int] = [:]

        init(_ list: [String] = []) {
            for text in list { _ = number(of: text) }
        }

        mutating func number(of text: String) -> Int {
            if let number = numbers[text] { return number }
            numbers[text] = list.count
            list.append(text)
            return list.count - 1
        }
    }

    init(strings: Strings = Strings()) { self.strings = strings }

    mutating func pack(_ number: Int) {
        var rest = UInt64(bitPattern: Int64(number))
        while rest >= 0x80 {
            bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        bytes.append(UInt8(rest))
    }

    mutating func pack(_ value: Bool) { bytes.append(value ? 1 : 0) }

    /// Packs a text that many values have.
    mutating func pack(shared text: String) { pack(strings.number(of: text)) }

    /// Packs a text that nothing else has.
    mutating func pack(own text: String) {
        pack(text.utf8.count)
        bytes.append(contentsOf: text.utf8)
    }

    mutating func pack(slice bytes: some Collection<UInt8>) {
        pack(bytes.count)
        self.bytes.append(contentsOf: bytes)
    }

    mutating func pack<Value>(_ value: Value?, _ body: (inout Packer, Value) -> Void) {
        pack(value != nil)
        if let value { body(&self, value) }
    }

    mutating func pack<Values: Collection>(_ values: Values, _ body: (inout Packer, Values.Element) -> Void) {
        pack(values.count)
        for value in values { body(&self, value) }
    }

    /// Packs a value with its length before it, so that it can be passed over.
    mutating func pack(part body: (inout Packer) -> Void) {
        let start = bytes.count
        bytes.append(contentsOf: [0, 0, 0, 0])
        body(&self)
        let length = UInt32(bytes.count - start - 4)
        for index in 0..<4 { bytes[start + index] = UInt8(truncatingIfNeeded: length >> (8 * UInt32(index))) }
    }

    /// Takes the texts out, for another packer to go on with.
    mutating func takeStrings() -> Strings {
        defer { strings = Strings() }
        return strings
    }

    mutating func putBack(_ strings: Strings) { self.strings = strings }

    /// Takes the bytes out, and keeps the texts.
    mutating func take() -> [UInt8] {
        defer { bytes = [] }
        return bytes
    }
}

/// Reads what ``Packer`` wrote.
///
/// Damaged bytes give any values and are noted in ``isDamaged``; they are never read beyond their end.
struct Unpacker {
    private let bytes: ArraySlice<UInt8>
    private var place: Int
    private(set) var isDamaged = false
    private let strings: [String]

    init(_ bytes: ArraySlice<UInt8>, strings: [String] = []) {
        self.bytes = bytes
        place = bytes.startIndex
        self.strings = strings
    }

    var isAtEnd: Bool { place >= bytes.endIndex }

    private mutating func byte() -> UInt8 {
        guard place < bytes.endIndex else {
            isDamaged = true
            return 0
        }
        defer { place += 1 }
        return bytes[place]
    }

    mutating func number() -> Int {
        var value: UInt64 = 0
        var shift: UInt64 = 0
        while shift < 64 {
            let next = byte()
            value |= UInt64(next & 0x7F) << shift
            if next < 0x80 { return Int(Int64(bitPattern: value)) }
            shift += 7
        }
        isDamaged = true
        return 0
    }

    /// How many values follow, each of at least a byte.
    mutating func count() -> Int {
        let count = number()
        if count >= 0, count <= bytes.endIndex - place { return count }
        isDamaged = true
        return 0
    }

    mutating func flag() -> Bool { byte() == 1 }

    mutating func text() -> String {
        let index = number()
        if strings.indices.contains(index) { return strings[index] }
        isDamaged = true
        return ""
    }

    mutating func ownText() -> String { String(decoding: slice(), as: UTF8.self) }

    mutating func slice() -> ArraySlice<UInt8> {
        let count = count()
        defer { place += count }
        return bytes[place..<place + count]
    }

    /// Where a value with its length before it lies, which is passed over.
    mutating func part() -> Range<Int> {
        var length = 0
        for index in 0..<4 { length |= Int(byte()) << (8 * index) }
        if length > bytes.endIndex - place {
            isDamaged = true
            length = 0
        }
        defer { place += length }
        return place..<place + length
    }

    mutating func optional<Value>(_ body: (inout Unpacker) -> Value) -> Value? { flag() ? body(&self) : nil }

    mutating func optionalText() -> String? { optional { $0.text() } }

    mutating func list<Value>(_ body: (inout Unpacker) -> Value) -> [Value] {
        let count = count()
        var values: [Value] = []
        values.reserveCapacity(count)
        for _ in 0..<count where !isDamaged { values.append(body(&self)) }
        return values
    }
}
