extension [String] {
    /// The entry that looks most like a name, if one looks like it at all.
    func nearest(to name: String) -> String? {
        guard !name.isEmpty else { return nil }
        let similar = map { (name: $0, distance: $0.distance(to: name)) }.min { $0.distance < $1.distance }
        if let similar, similar.distance <= Swift.max(1, name.count / 3) { return similar.name }
        return first { $0.contains(name) } ?? first { $0.commonPrefix(with: name).count * 2 > name.count }
    }
}

extension String {
    fileprivate func commonPrefix(with other: String) -> Substring {
        prefix(zip(self, other).prefix { $0 == $1 }.count)
    }

    /// How many letters have to be put in, taken out or changed to get another word, whatever their case.
    fileprivate func distance(to other: String) -> Int {
        let other = Array(other.lowercased())
        var row = Array(0...other.count)
        for (index, letter) in lowercased().enumerated() {
            var diagonal = row[0]
            row[0] = index + 1
            for column in other.indices {
                let change = diagonal + (letter == other[column] ? 0 : 1)
                diagonal = row[column + 1]
                row[column + 1] = Swift.min(change, diagonal + 1, row[column] + 1)
            }
        }
        return row[other.count]
    }
}

/// Names that are nearly what somebody wrote.
package enum Spelling {
    /// The name that looks most like another one, if one looks like it at all.
    package static func nearest(to name: String, among names: [String]) -> String? { names.nearest(to: name) }
}
