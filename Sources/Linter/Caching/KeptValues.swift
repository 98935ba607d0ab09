import Synchronization

/// Packed values by their keys, each unpacked when it is first looked at.
final class KeptValues<Key: Hashable & Sendable, Value: Sendable>: Sendable {
    private let bytes: ArraySlice<UInt8>
    private let strings: [String]
    private let places: [Key: Range<Int>]
    private let unpack: @Sendable (inout Unpacker) -> Value
    private let values = Mutex<[Key: Value]>([:])

    /// Names where values lie packed.
    ///
    /// - Parameters:
    ///   - places: where each value lies in the bytes.
    ///   - bytes: all that was kept.
    ///   - strings: the texts that values refer to.
    ///   - unpack: reads a value; of damaged bytes any value.
    init(
        _ places: [Key: Range<Int>],
        in bytes: ArraySlice<UInt8>,
        strings: [String],
        unpack: @escaping @Sendable (inout Unpacker) -> Value
    ) {
        self.places = places
        self.bytes = bytes
        self.strings = strings
        self.unpack = unpack
    }

    var keys: Dictionary<Key, Range<Int>>.Keys { places.keys }

    func has(_ key: Key) -> Bool { places.index(forKey: key) != nil }

    subscript(key: Key) -> Value? {
        guard let place = places[key] else { return nil }
        return values.withLock { values in
            if let value = values[key] { return value }
            var unpacker = Unpacker(bytes[place], strings: strings)
            let value = unpack(&unpacker)
            values[key] = value
            return value
        }
    }
}
