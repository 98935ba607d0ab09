extension RandomAccessCollection where Index == Int {
    /// The index of the first element that matches, where all that match come behind those that do not.
    package func partitioningIndex(where matches: (Element) -> Bool) -> Int {
        var low = startIndex
        var high = endIndex
        while low < high {
            let middle = low + (high - low) / 2
            if matches(self[middle]) { high = middle } else { low = middle + 1 }
        }
        return low
    }
}
