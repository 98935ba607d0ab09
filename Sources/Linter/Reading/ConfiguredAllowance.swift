public import Migrator
public import SourceText

/// What the configuration lets files do: a rule, where it may be broken, and why.
public struct ConfiguredAllowance: Hashable, Sendable {
    /// The rule.
    public let rule: String
    /// A pattern of `*` and `?` for the files; nil for all.
    public let path: String?
    /// The first version that it is about; nil for all.
    public let from: MigrationVersion?
    /// The last version that it is about; nil for all.
    public let through: MigrationVersion?
    /// Why.
    public let reason: String
    /// Where it is written.
    public let location: SourceLocation
    /// The line that it is written at.
    public let excerpt: String

    /// Makes one from what the configuration says.
    ///
    /// - Parameters:
    ///   - rule: the rule's name.
    ///   - path: a pattern for the files.
    ///   - from: the first version.
    ///   - through: the last version.
    ///   - reason: why.
    ///   - location: where it is written.
    ///   - excerpt: the line that it is written at.
    public init(
        rule: String,
        path: String? = nil,
        from: MigrationVersion? = nil,
        through: MigrationVersion? = nil,
        reason: String,
        location: SourceLocation,
        excerpt: String = ""
    ) {
        self.rule = rule
        self.path = path
        self.from = from
        self.through = through
        self.reason = reason
        self.location = location
        self.excerpt = excerpt
    }

    /// Whether it is about a file.
    ///
    /// A pattern without a slash is one for the file's name, wherever it lies.
    ///
    /// - Parameter text: the file.
    /// - Returns: whether path and version fit.
    func covers(_ text: LintText) -> Bool {
        if let path {
            let isName = !path.contains("/")
            let fits = isName ? text.name.matches(path) : text.path.matches(path) || text.path.matches("*/" + path)
            guard fits else { return false }
        }
        guard from != nil || through != nil else { return true }
        guard let version = text.version else { return false }
        return from.map { $0 <= version } ?? true && through.map { version <= $0 } ?? true
    }

    /// The files that it is about, in words.
    var scope: String {
        let versions: String? =
            switch (from, through) {
            case (let from?, let through?): "versions \(from) to \(through)"
            case (let from?, nil): "versions from \(from) on"
            case (nil, let through?): "versions up to \(through)"
            case (nil, nil): nil
            }
        let parts = [path, versions].compactMap(\.self)
        return parts.isEmpty ? "every file" : parts.joined(separator: ", ")
    }
}
