/// A file, and where it is known, the place in it.
public struct SourceLocation: Hashable, Codable, Sendable, CustomStringConvertible {
    /// The file as the user named it.
    public let file: String
    /// The place in the file; nil when the file as a whole is meant.
    public let position: SourcePosition?

    /// Makes a location from a file name and a place in it.
    public init(file: String, position: SourcePosition? = nil) {
        self.file = file
        self.position = position
    }

    /// The location as `file:line:column`, or the file alone.
    public var description: String {
        guard let position else { return file }
        return "\(file):\(position)"
    }
}
