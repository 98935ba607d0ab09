extension Checksum {
    /// Whether it is the checksum of a content, or of the same content with one newline more or less at its end.
    ///
    /// Editors and formatters add that newline to old files, and it changes nothing of what runs. The algorithm counts
    /// it all the same, and is in use; so this is asked only about a file whose checksum differs.
    func isOf(_ content: [UInt8]) -> Bool {
        var shorter = content
        if shorter.last == .newline { shorter.removeLast() }
        if shorter.last == .carriageReturn { shorter.removeLast() }
        return [content, content + [.newline], shorter].contains { Checksum(of: $0) == self }
    }
}
