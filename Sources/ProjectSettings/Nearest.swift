extension [String] {
    /// The entry that a misspelt name most likely means; nil if none is near.
    package func nearest(to name: String) -> String? {
        let plain = name.folded
        let near = map { (entry: $0, distance: $0.folded.distance(to: plain)) }.min { $0.distance < $1.distance }
        guard let near, near.distance <= Swift.max(1, plain.count / 3) else {
            // Nothing is spelt so; but the last part of a key alone is a likely slip.
            return first { $0.folded.hasSuffix(plain) || plain.hasSuffix($0.folded) }
        }
        return near.entry
    }
}

extension String {
    /// The letters and digits alone, so that `lock_timeout`, `lockTimeout` and `lock-timeout` are one.
    fileprivate var folded: [Character] { lowercased().filter { $0.isLetter || $0.isNumber }.map { $0 } }
}

extension [Character] {
    /// How many characters have to be changed, taken out or put in to make one text of the other.
    fileprivate func distance(to other: [Character]) -> Int {
        var row = Array<Int>(0...other.count)
        for (index, character) in enumerated() {
            var diagonal = row[0]
            row[0] = index + 1
            for (column, candidate) in other.enumerated() {
                let changed = diagonal + (character == candidate ? 0 : 1)
                diagonal = row[column + 1]
                row[column + 1] = Swift.min(changed, row[column] + 1, diagonal + 1)
            }
        }
        return row[other.count]
    }

    fileprivate func hasSuffix(_ other: [Character]) -> Bool {
        other.count > 2 && suffix(other.count).elementsEqual(other)
    }
}
