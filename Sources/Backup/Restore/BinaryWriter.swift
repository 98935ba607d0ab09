#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// Reads text and writes rows, in memory of a fixed size.
struct BinaryWriter {
    private var position: UnsafePointer<UInt8>
    private let end: UnsafePointer<UInt8>
    private let start: UnsafeMutableRawPointer
    private var target: UnsafeMutableRawPointer
    private let limit: UnsafeMutableRawPointer

    init(text: UnsafePointer<UInt8>, count: Int, target: UnsafeMutableRawPointer, capacity: Int) {
        position = text
        end = text + count
        start = target
        self.target = target
        limit = target + capacity
    }

    var written: Int { target - start }

    /// Writes all rows.
    ///
    /// - Returns: whether there was room for all of them.
    mutating func write(_ kinds: [BinaryRows.Kind]) throws -> Bool {
        // A scan may look for the end without asking where it is.
        guard position == end || end[-1] == newline else { throw BinaryRows.UnknownForm() }
        while position < end {
            guard limit - target > 2 + 24 * kinds.count else { return false }
            put(UInt16(truncatingIfNeeded: kinds.count))
            for (index, kind) in kinds.enumerated() {
                if position[0] == backslash, position[1] == UInt8(ascii: "N") {
                    position += 2
                    put(UInt32.max)
                } else if try !write(kind) {
                    return false
                }
                guard position < end, position[0] == (index == kinds.count - 1 ? newline : tab) else {
                    throw BinaryRows.UnknownForm()
                }
                position += 1
            }
        }
        return true
    }

    private mutating func write(_ kind: BinaryRows.Kind) throws -> Bool {
        switch kind {
        case .int4: try put(sized: Int32(exactly: integer()))
        case .int8: try put(sized: integer())
        case .int2: try put(sized: Int16(exactly: integer()))
        case .characters: return try putCharacters(behind: nil)
        case .jsonb: return try putCharacters(behind: 1)
        case .bytea: return try putBytes()
        case .numeric: return try putNumeric()
        case .bool: try putBool()
        case .uuid: try putUUID()
        case .date: try putDate()
        case .timestamp: try putTimestamp(zone: "")
        case .timestamptz: try putTimestamp(zone: "+00")
        case .float4:
            let value = try number { strtof($0, $1) }
            put(sized: Int32(bitPattern: value.bitPattern))
        case .float8:
            let value = try number { strtod($0, $1) }
            put(sized: Int64(bitPattern: value.bitPattern))
        }
        return true
    }

    // MARK: Output

    @inline(__always)
    private mutating func put<Number: FixedWidthInteger>(_ number: Number) {
        target.storeBytes(of: number.bigEndian, as: Number.self)
        target += MemoryLayout<Number>.size
    }

    /// A value behind its size.
    @inline(__always)
    private mutating func put<Number: FixedWidthInteger>(sized number: Number?) throws {
        guard let number else { throw BinaryRows.UnknownForm() }
        put(sized: number)
    }

    @inline(__always)
    private mutating func put<Number: FixedWidthInteger>(sized number: Number) {
        put(UInt32(MemoryLayout<Number>.size))
        put(number)
    }

    // MARK: Numbers

    private mutating func integer() throws -> Int64 {
        let isNegative = position[0] == UInt8(ascii: "-")
        if isNegative { position += 1 }
        var value: Int64 = 0
        var count = 0
        while case let digit = position[0] &- zero, digit < 10 {
            // Downwards, for there is one more number below zero.
            let (product, overflows) = value.multipliedReportingOverflow(by: 10)
            let (sum, overflowsToo) = product.subtractingReportingOverflow(Int64(digit))
            guard !overflows, !overflowsToo else { throw BinaryRows.UnknownForm() }
            value = sum
            count += 1
            position += 1
        }
        guard count > 0, isNegative || value != .min else { throw BinaryRows.UnknownForm() }
        return isNegative ? value : -value
    }

    private mutating func number<Value: BinaryFloatingPoint>(
        _ read: (UnsafePointer<CChar>, UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>) -> Value
    ) throws -> Value {
        // What stands behind a value ends it: a tab or a newline. Before it, blanks and these would be skipped.
        guard position[0] > UInt8(ascii: " ") else { throw BinaryRows.UnknownForm() }
        var behind: UnsafeMutablePointer<CChar>?
        let text = UnsafeRawPointer(position).assumingMemoryBound(to: CChar.self)
        let value = read(text, &behind)
        guard let behind, UnsafePointer(behind) > text else { throw BinaryRows.UnknownForm() }
        position += UnsafePointer(behind) - text
        return value.isNaN ? .nan : value
    }

    /// Digits to the base of 10,000, the place of the first, the sign, and how many decimal places are shown.
    private mutating func putNumeric() throws -> Bool {
        for (word, sign) in [("NaN", 0xc000), ("Infinity", 0xd000), ("-Infinity", 0xf000)] as [(StaticString, UInt16)]
        where skips(word) {
            put(UInt32(8))
            for part in [0, 0, sign, 0] { put(part) }
            return true
        }
        let isNegative = position[0] == UInt8(ascii: "-")
        if isNegative { position += 1 }
        let whole = position
        while position[0] &- zero < 10 { position += 1 }
        let wholeCount = position - whole
        var fraction = position
        if position[0] == UInt8(ascii: ".") {
            fraction += 1
            position += 1
            while position[0] &- zero < 10 { position += 1 }
        }
        let fractionCount = position - fraction
        guard wholeCount > 0, wholeCount + fractionCount < 1000 else { throw BinaryRows.UnknownForm() }
        let wholeGroups = (wholeCount + 3) / 4
        let groups = wholeGroups + (fractionCount + 3) / 4
        guard limit - target > 16 + 2 * groups else { return false }
        /// The digit at a place counted from the first group's first digit.
        func digit(_ place: Int) -> UInt16 {
            let fromPoint = place - 4 * wholeGroups
            if fromPoint >= 0 { return fromPoint < fractionCount ? UInt16(fraction[fromPoint] &- zero) : 0 }
            let index = wholeCount + fromPoint
            return index >= 0 ? UInt16(whole[index] &- zero) : 0
        }
        func group(_ index: Int) -> UInt16 {
            (0..<4).reduce(0) { $0 * 10 + digit(4 * index + $1) }
        }
        var (first, last) = (0, groups)
        while first < last, group(first) == 0 { first += 1 }
        while last > first, group(last - 1) == 0 { last -= 1 }
        put(UInt32(8 + 2 * (last - first)))
        put(UInt16(last - first))
        put(Int16(first == last ? 0 : wholeGroups - 1 - first))
        put(UInt16(isNegative && first < last ? 0x4000 : 0))
        put(UInt16(fractionCount))
        for index in first..<last { put(group(index)) }
        return true
    }

    private mutating func putBool() throws {
        let letter = position[0]
        guard letter == UInt8(ascii: "t") || letter == UInt8(ascii: "f") else { throw BinaryRows.UnknownForm() }
        position += 1
        put(sized: UInt8(letter == UInt8(ascii: "t") ? 1 : 0))
    }

    // MARK: Times

    /// As many digits as there have to be.
    private mutating func digits(_ count: Int) throws -> Int {
        var value = 0
        for _ in 0..<count {
            let digit = position[0] &- zero
            guard digit < 10 else { throw BinaryRows.UnknownForm() }
            value = 10 * value + Int(digit)
            position += 1
        }
        return value
    }

    private mutating func skip(_ letter: UInt8) throws {
        guard position[0] == letter else { throw BinaryRows.UnknownForm() }
        position += 1
    }

    /// Whether a word comes next, which is skipped then.
    private mutating func skips(_ word: StaticString) -> Bool {
        guard end - position > word.utf8CodeUnitCount, memcmp(position, word.utf8Start, word.utf8CodeUnitCount) == 0
        else { return false }
        position += word.utf8CodeUnitCount
        return true
    }

    /// A day of the calendar, as it is written.
    private struct Day {
        let year: Int
        let month: Int
        let day: Int

        /// Days since 1 January 2000.
        func number(beforeChrist: Bool) -> Int {
            // There is no year 0. Years that begin in March have their odd day at the end.
            let shifted = (beforeChrist ? 1 - year : year) - (month > 2 ? 0 : 1)
            let era = (shifted >= 0 ? shifted : shifted - 399) / 400
            let ofEra = shifted - 400 * era
            let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
            return 146_097 * era + 365 * ofEra + ofEra / 4 - ofEra / 100 + dayOfYear - 730_425
        }
    }

    private mutating func day() throws -> Day {
        var year = try digits(4)
        while case let digit = position[0] &- zero, digit < 10, year < 1_000_000 {
            year = 10 * year + Int(digit)
            position += 1
        }
        try skip(UInt8(ascii: "-"))
        let month = try digits(2)
        try skip(UInt8(ascii: "-"))
        let day = try digits(2)
        guard year > 0, (1...12).contains(month), (1...31).contains(day) else { throw BinaryRows.UnknownForm() }
        return Day(year: year, month: month, day: day)
    }

    private mutating func putDate() throws {
        if skips("infinity") { return put(sized: Int32.max) }
        if skips("-infinity") { return put(sized: Int32.min) }
        let day = try day()
        try put(sized: Int32(exactly: day.number(beforeChrist: skips(" BC"))))
    }

    /// Microseconds since the beginning of 2000.
    private mutating func putTimestamp(zone: StaticString) throws {
        if skips("infinity") { return put(sized: Int64.max) }
        if skips("-infinity") { return put(sized: Int64.min) }
        let day = try day()
        // The server's last year is 294276, and none of those before it overflows.
        guard day.year < 295_000 else { throw BinaryRows.UnknownForm() }
        try skip(UInt8(ascii: " "))
        let hours = try digits(2)
        try skip(UInt8(ascii: ":"))
        let minutes = try digits(2)
        try skip(UInt8(ascii: ":"))
        var time = ((hours * 60 + minutes) * 60 + (try digits(2))) * 1_000_000
        if position[0] == UInt8(ascii: ".") {
            position += 1
            var unit = 100_000
            while case let digit = position[0] &- zero, digit < 10 {
                guard unit > 0 else { throw BinaryRows.UnknownForm() }
                time += unit * Int(digit)
                unit /= 10
                position += 1
            }
        }
        guard zone.utf8CodeUnitCount == 0 || skips(zone) else { throw BinaryRows.UnknownForm() }
        put(sized: Int64(day.number(beforeChrist: skips(" BC")) * 86_400_000_000 + time))
    }

    // MARK: Characters and bytes

    private mutating func putUUID() throws {
        put(UInt32(16))
        for index in 0..<16 {
            if [4, 6, 8, 10].contains(index) { try skip(UInt8(ascii: "-")) }
            put(try byte())
        }
    }

    /// A byte in two hexadecimal digits.
    private mutating func byte() throws -> UInt8 {
        guard let high = hexadecimalValue(position[0]), let low = hexadecimalValue(position[1]) else {
            throw BinaryRows.UnknownForm()
        }
        position += 2
        return high << 4 | low
    }

    /// Bytes as `\x…`, whose backslash stands there twice.
    private mutating func putBytes() throws -> Bool {
        guard position[0] == backslash, position[1] == backslash, position[2] == UInt8(ascii: "x") else {
            throw BinaryRows.UnknownForm()
        }
        position += 3
        let size = target
        target += 4
        while position[0] != tab, position[0] != newline {
            guard target < limit else { return false }
            put(try byte())
        }
        return putSize(at: size)
    }

    /// Characters as they are, but for those that COPY writes behind a backslash.
    private mutating func putCharacters(behind version: UInt8?) throws -> Bool {
        let size = target
        target += 4
        if let version { put(version) }
        while true {
            let part = position
            position = nextSpecial(from: position)
            let count = position - part
            guard limit - target > count + 8 else { return false }
            target.copyMemory(from: part, byteCount: count)
            target += count
            guard position < end else { throw BinaryRows.UnknownForm() }
            switch position[0] {
            case tab, newline: return putSize(at: size)
            case backslash:
                put(try unescaped(position[1]))
                position += 2
            default:
                put(position[0])
                position += 1
            }
        }
    }

    private mutating func putSize(at place: UnsafeMutableRawPointer) -> Bool {
        place.storeBytes(of: UInt32(target - place - 4).bigEndian, as: UInt32.self)
        return true
    }

    private func unescaped(_ letter: UInt8) throws -> UInt8 {
        switch letter {
        case backslash: backslash
        case UInt8(ascii: "b"): 8
        case UInt8(ascii: "t"): tab
        case UInt8(ascii: "n"): newline
        case UInt8(ascii: "v"): 11
        case UInt8(ascii: "f"): 12
        case UInt8(ascii: "r"): 13
        default: throw BinaryRows.UnknownForm()
        }
    }

    /// The next backslash or control character; eight bytes at once, as long as there are so many.
    @inline(__always)
    private func nextSpecial(from start: UnsafePointer<UInt8>) -> UnsafePointer<UInt8> {
        let ones: UInt64 = 0x0101_0101_0101_0101
        let tops: UInt64 = 0x8080_8080_8080_8080
        var place = start
        while end - place >= 8 {
            let word = UInt64(littleEndian: UnsafeRawPointer(place).loadUnaligned(as: UInt64.self))
            let controls = (word &- ones &* 0x20) & ~word
            let slashed = word ^ (ones &* UInt64(backslash))
            let slashes = (slashed &- ones) & ~slashed
            let found = (controls | slashes) & tops
            // The lowest of those found is a true one; higher ones may come of its borrow.
            if found != 0 { return place + found.trailingZeroBitCount / 8 }
            place += 8
        }
        while place < end, place[0] >= 0x20, place[0] != backslash { place += 1 }
        return place
    }
}

private let tab = UInt8(ascii: "\t")
private let newline = UInt8(ascii: "\n")
private let backslash = UInt8(ascii: "\\")
private let zero = UInt8(ascii: "0")

private func hexadecimalValue(_ digit: UInt8) -> UInt8? {
    switch digit {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): digit - UInt8(ascii: "0")
    case UInt8(ascii: "a")...UInt8(ascii: "f"): digit - UInt8(ascii: "a") + 10
    default: nil
    }
}
