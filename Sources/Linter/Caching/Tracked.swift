/// A dictionary that knows which of its keys were written to, and reads what was kept only when it is looked at.
struct Tracked<Key: Hashable & Sendable, Value: Sendable>: Sendable, ExpressibleByDictionaryLiteral {
    private var storage: [Key: Value]
    /// What was there when a run went on behind another one.
    private let kept: KeptValues<Key, Value>?
    /// The keys of ``kept`` that were written to since.
    private var replaced: Set<Key> = []
    /// The keys that were given a value, another one or none since ``forgetChanges()``.
    private(set) var changed: Set<Key> = []
    /// The keys that were written to since ``takeUnsettled()``, where anybody asks for them.
    private(set) var unsettled: Set<Key> = []
    private let isFollowed: Bool
    /// For each mark the values that keys had there, of those that were written to since.
    private var marks: [[Key: Value?]] = []

    init(dictionaryLiteral elements: (Key, Value)...) {
        storage = Dictionary(uniqueKeysWithValues: elements)
        kept = nil
        changed = Set(storage.keys)
        isFollowed = false
    }

    /// Makes one without a value, and says whether it is asked which keys were written to.
    init(isFollowed: Bool) {
        storage = [:]
        kept = nil
        self.isFollowed = isFollowed
    }

    init(_ kept: KeptValues<Key, Value>, isFollowed: Bool = false) {
        storage = [:]
        self.kept = kept
        self.isFollowed = isFollowed
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

    mutating func takeUnsettled() -> Set<Key> {
        let taken = unsettled
        unsettled = []
        return taken
    }

    // MARK: Marks

    /// Remembers from here on what keys have before they are written to.
    mutating func mark() { marks.append([:]) }

    /// The keys that were written to since the first mark.
    var keysSinceMark: [Key] { marks.first.map { Array($0.keys) } ?? [] }

    /// The value that a key had at the first mark.
    func valueAtMark(_ key: Key) -> Value? {
        if let old = marks.first?[key] { return old }
        return self[key]
    }

    /// Takes back what was written since the last mark, and forgets the mark.
    mutating func rollBack() {
        guard let values = marks.popLast() else { return }
        for (key, old) in values {
            prepareChange(of: key)
            storage[key] = old
        }
    }

    /// Forgets the last mark.
    mutating func forgetMark() { _ = marks.popLast() }

    /// Forgets the last mark, and tells what the keys had there that were written to since.
    mutating func takeMark() -> [Key: Value] { (marks.popLast() ?? [:]).compactMapValues(\.self) }

    private mutating func prepareChange(of key: Key) {
        for index in marks.indices where marks[index].index(forKey: key) == nil {
            marks[index][key] = .some(self[key])
        }
        changed.insert(key)
        if isFollowed { unsettled.insert(key) }
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
