/// A dictionary that knows which of its keys were written to, and reads what was kept only when it is looked at.
struct Tracked<Key: Hashable & Sendable, Value: Sendable>: Sendable, ExpressibleByDictionaryLiteral {
    private var storage: [Key: Value]
    /// What was there when a run went on behind another one.
    private let kept: KeptValues<Key, Value>?
    /// The keys of ``kept`` that were written to since.
    private var replaced: Set<Key> = []
    /// The keys that were given a value, another one or none since ``forgetChanges()``.
    private(set) var changed: Set<Key> = []

    init(dictionaryLiteral elements: (Key, Value)...) {
        storage = Dictionary(uniqueKeysWithValues: elements)
        kept = nil
        changed = Set(storage.keys)
    }

    init(_ kept: KeptValues<Key, Value>) {
        storage = [:]
        self.kept = kept
    }

    subscript(key: Key) -> Value? {
        _read {
            if let kept, storage.index(forKey: key) == nil, !replaced.contains(key) {
                yield kept[key]
            } else {
                yield storage[key]
            }
        }
        _modify {
            prepareChange(of: key)
            yield &storage[key]
        }
    }

    subscript(key: Key, default value: @autoclosure () -> Value) -> Value {
        get { self[key] ?? value() }
        _modify {
            prepareChange(of: key)
            yield &storage[key, default: value()]
        }
    }

    var keys: [Key] {
        guard let kept else { return Array(storage.keys) }
        return Array(storage.keys) + kept.keys.filter { !replaced.contains($0) }
    }

    var count: Int { storage.count + (kept.map { $0.keys.count - replaced.count } ?? 0) }
    var isEmpty: Bool { count == 0 }

    mutating func removeValue(forKey key: Key) -> Value? {
        prepareChange(of: key)
        return storage.removeValue(forKey: key)
    }

    /// Takes a value away; where there is none, nothing counts as written to.
    mutating func clear(_ key: Key) { if has(key) { _ = removeValue(forKey: key) } }

    /// Whether there is a value, without a copy of it.
    func has(_ key: Key) -> Bool {
        storage.index(forKey: key) != nil || kept?.has(key) == true && !replaced.contains(key)
    }

    mutating func forgetChanges() { changed.removeAll(keepingCapacity: true) }

    private mutating func prepareChange(of key: Key) {
        changed.insert(key)
        guard let kept, kept.has(key), replaced.insert(key).inserted else { return }
        storage[key] = kept[key]
    }
}

extension Tracked: Sequence {
    struct Iterator: IteratorProtocol {
        fileprivate var storage: Dictionary<Key, Value>.Iterator
        fileprivate let kept: KeptValues<Key, Value>?
        fileprivate var keys: Dictionary<Key, Range<Int>>.Keys.Iterator?
        fileprivate let replaced: Set<Key>

        mutating func next() -> (key: Key, value: Value)? {
            if let element = storage.next() { return element }
            while let key = keys?.next() {
                guard !replaced.contains(key), let value = kept?[key] else { continue }
                return (key, value)
            }
            return nil
        }
    }

    func makeIterator() -> Iterator {
        Iterator(storage: storage.makeIterator(), kept: kept, keys: kept?.keys.makeIterator(), replaced: replaced)
    }
}
