extension [String] {
    /// The entry that looks most like a name, if one looks like it at all.
    func nearest(to name: String) -> String? {
        let candidates = filter { $0.contains(name) } + filter { $0.commonPrefix(with: name).count * 2 > name.count }
        return candidates.first
    }
}

extension String {
    fileprivate func commonPrefix(with other: String) -> Substring {
        prefix(zip(self, other).prefix { $0 == $1 }.count)
    }
}
