/// Decides where a table's text is cut into chunks: always at the end of a line, and by what the line is.
///
/// As the decision depends on the lines around it alone, a change leaves the chunks before and behind it as they were.
/// Sizes are kept together as in FastCDC: no cut below the minimum, one at the maximum, and in between cuts are rarer
/// before the normal size than behind it. What is hashed is the whole line, whose hash is there already, not a window of
/// bytes.
struct ChunkCutter: Hashable, Sendable {
    var minimum = 1 << 20
    var normal = 4 << 20
    var maximum = 8 << 20

    /// Whether a chunk ends behind a line.
    ///
    /// - Parameters:
    ///   - size: the chunk's size with the line.
    ///   - lineSize: the line's size: a long one stands for many places to cut at.
    ///   - hash: the line's hash.
    /// - Returns: whether it does.
    func cuts(at size: Int, lineSize: Int, hash: UInt64) -> Bool {
        if size < minimum { return false }
        if size >= maximum { return true }
        let expected = UInt64(size < normal ? normal * 2 : normal / 4)
        return hash / UInt64(lineSize) < UInt64.max / expected
    }
}
