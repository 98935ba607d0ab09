/// The two commands of psql that pg_dump puts around a dump: `\restrict WORD` above it and `\unrestrict WORD` below.
///
/// They keep psql from running other commands that stand in between. Who runs none of them needs neither.
public enum DumpFrame {
    /// The text with spaces over both lines, so that all others keep their places.
    ///
    /// - Parameter utf8: a text of SQL.
    /// - Returns: the same text where they do not stand in it as pg_dump writes them: the first one above all statements, the
    ///   second one, with the same word, in a line of its own somewhere below.
    public static func blanked(_ utf8: [UInt8]) -> [UInt8] {
        guard let opening = opening(in: utf8) else { return utf8 }
        let word = utf8[opening].dropFirst(restrict.count)
        var closing: Range<Int>?
        var start = opening.upperBound
        while start < utf8.count {
            let line = line(of: utf8, at: start)
            if utf8[line].starts(with: unrestrict), utf8[line].dropFirst(unrestrict.count).elementsEqual(word) {
                closing = line
            }
            start = behind(line, in: utf8)
        }
        guard let closing else { return utf8 }
        var blanked = utf8
        for index in [opening, closing].joined() { blanked[index] = .space }
        return blanked
    }

    private static let restrict = Array("\\restrict ".utf8)
    private static let unrestrict = Array("\\unrestrict ".utf8)

    /// The line `\restrict WORD`, if there is nothing above it but comments.
    private static func opening(in utf8: [UInt8]) -> Range<Int>? {
        var start = utf8.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
        while start < utf8.count {
            let line = line(of: utf8, at: start)
            if utf8[line].starts(with: restrict) { return line }
            let isComment = utf8[line].starts(with: "--".utf8)
            guard isComment || utf8[line].allSatisfy({ $0 == .space || $0 == .tab }) else { return nil }
            start = behind(line, in: utf8)
        }
        return nil
    }

    /// Where the line behind one begins.
    private static func behind(_ line: Range<Int>, in utf8: [UInt8]) -> Int {
        (utf8[line.upperBound...].firstIndex(of: .newline) ?? utf8.count) + 1
    }

    /// The line that begins at an offset, without what ends it.
    private static func line(of utf8: [UInt8], at start: Int) -> Range<Int> {
        let end = utf8[start...].firstIndex(of: .newline) ?? utf8.count
        return start..<(end > start && utf8[end - 1] == .carriageReturn ? end - 1 : end)
    }
}
