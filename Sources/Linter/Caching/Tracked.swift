/// A dictionary that knows which of its keys were written to.
struct Tracked<Key: Hashable & Sendable, Value: Sendable>: Sendable, ExpressibleByDictionaryLiteral {
    private var storage: [Key: Value]
    /// The keys that were given a value, another one or none since ``forgetChanges()``.
    private(set) var changed: Set<Key> = []

    init(dictionaryLiteral elements: (Key, Value)...) {
        storage = Dictionary(uniqueKeysWithValues: elements)
        changed = Set(storage.keys)
    }

    subscript(key: Key) -> Value? {
        _read { yield storage[key] }
        _modify {
            changed.insert(key)
            yield &storage[key]
        }
    }

    subscript(key: Key, default value: @autoclosure () -> Value) -> Value {
        get { storage[key, default: value()] }
        _modify {
            changed.insert(key)
            yield &storage[key, default: value()]
        }
    }

    var keys: Dictionary<Key, Value>.Keys { storage.keys }
    var count: Int { storage.count }
    var isEmpty: Bool { storage.isEmpty }

    mutating func removeValue(forKey key: Key) -> Value? {
        changed.insert(key)
        return storage.removeValue(forKey: key)
    }

    func filter(_ isIncluded: (Dictionary<Key, Value>.Element) throws -> Bool) rethrows -> [Key: Value] {
        try storage.filter(isIncluded)
    }

    mutating func forgetChanges() { changed.removeAll(keepingCapacity: true) }

    /// Puts a value in that was there before, so that nothing is noted.
    mutating func restore(_ value: Value, for key: Key) { storage[key] = value }

    /// Whether there is a value, without a copy of it.
    func has(_ key: Key) -> Bool { storage.index(forKey: key) != nil }

    mutating func reserveCapacity(_ count: Int) { storage.reserveCapacity(count) }
}

extension Tracked: Sequence {
    func makeIterator() -> Dictionary<Key, Value>.Iterator { storage.makeIterator() }
}
