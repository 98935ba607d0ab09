/// The hashes that a session can have PostgreSQL compute of a value: its `hash…extended` functions, with a seed.
///
/// Hash partitions rest on them, so they are the same in all versions from 11 on. They are Bob Jenkins's, with 64 bits of what is left in the
/// end.
enum ServerHash {
    /// Of some bytes: `hashtextextended` where the collation is "C", `uuid_hash_extended`, and that of a `bytea` in an array.
    @inline(__always)
    static func bytes(_ bytes: UnsafeRawBufferPointer, seed: UInt64) -> UInt64 {
        var state = State(size: bytes.count, seed: seed)
        guard var place = bytes.baseAddress else { return state.finished() }
        var left = bytes.count
        while left >= 12 {
            state.a &+= word(place)
            state.b &+= word(place + 4)
            state.c &+= word(place + 8)
            state.mix()
            place += 12
            left -= 12
        }
        // The lowest byte of the last word belongs to the length.
        var rest: (UInt32, UInt32, UInt32) = (0, 0, 0)
        for index in 0..<left {
            let byte = UInt32((place + index).load(as: UInt8.self))
            switch index {
            case 0..<4: rest.0 |= byte << (8 * index)
            case 4..<8: rest.1 |= byte << (8 * (index - 4))
            default: rest.2 |= byte << (8 * (index - 7))
            }
        }
        state.a &+= rest.0
        state.b &+= rest.1
        state.c &+= rest.2
        return state.finished()
    }

    /// Of a number of up to 32 bits: `hashint4extended`, `hashint2extended`.
    @inline(__always)
    static func number(_ number: Int32, seed: UInt64) -> UInt64 {
        var state = State(size: 4, seed: seed)
        state.a &+= UInt32(bitPattern: number)
        return state.finished()
    }

    /// Of a number of 64 bits, which is folded so that small ones hash as in 32 bits: `hashint8extended`.
    @inline(__always)
    static func number(_ number: Int64, seed: UInt64) -> UInt64 {
        let high = UInt32(truncatingIfNeeded: number >> 32)
        let low = UInt32(truncatingIfNeeded: number)
        return Self.number(Int32(bitPattern: low ^ (number >= 0 ? high : ~high)), seed: seed)
    }

    @inline(__always)
    private static func word(_ place: UnsafeRawPointer) -> UInt32 {
        UInt32(littleEndian: place.loadUnaligned(as: UInt32.self))
    }

    private struct State {
        var a: UInt32
        var b: UInt32
        var c: UInt32

        @inline(__always)
        init(size: Int, seed: UInt64) {
            let start = 0x9e37_79b9 &+ UInt32(truncatingIfNeeded: size) &+ 3_923_095
            (a, b, c) = (start, start, start)
            guard seed != 0 else { return }
            a &+= UInt32(truncatingIfNeeded: seed >> 32)
            b &+= UInt32(truncatingIfNeeded: seed)
            mix()
        }

        @inline(__always)
        private func turned(_ word: UInt32, _ bits: UInt32) -> UInt32 { word << bits | word >> (32 - bits) }

        @inline(__always)
        mutating func mix() {
            a = (a &- c) ^ turned(c, 4)
            c &+= b
            b = (b &- a) ^ turned(a, 6)
            a &+= c
            c = (c &- b) ^ turned(b, 8)
            b &+= a
            a = (a &- c) ^ turned(c, 16)
            c &+= b
            b = (b &- a) ^ turned(a, 19)
            a &+= c
            c = (c &- b) ^ turned(b, 4)
            b &+= a
        }

        @inline(__always)
        mutating func finished() -> UInt64 {
            c = (c ^ b) &- turned(b, 14)
            a = (a ^ c) &- turned(c, 11)
            b = (b ^ a) &- turned(a, 25)
            c = (c ^ b) &- turned(b, 16)
            a = (a ^ c) &- turned(c, 4)
            b = (b ^ a) &- turned(a, 14)
            c = (c ^ b) &- turned(b, 24)
            return UInt64(b) << 32 | UInt64(c)
        }
    }
}
