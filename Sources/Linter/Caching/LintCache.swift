/// Where what files do is kept from one run to the next.
///
/// What is kept follows from ``LintOptions/key`` and the files. Bytes that are damaged, or of another version, are ignored.
public struct LintCache: Sendable {
    /// What the last run kept; nil for nothing.
    let bytes: [UInt8]?
    /// Keeps bytes, whole or not at all.
    let keep: @Sendable ([UInt8]) -> Void

    /// Names the bytes of the last run, and who keeps those of this one.
    ///
    /// - Parameters:
    ///   - bytes: what the last run kept; nil for nothing.
    ///   - keep: keeps bytes, whole or not at all.
    public init(bytes: [UInt8]?, keep: @escaping @Sendable ([UInt8]) -> Void) {
        self.bytes = bytes
        self.keep = keep
    }
}

extension LintOptions {
    /// What findings follow from beside the files, the same for equal options.
    public var key: String {
        let rules = settings.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }
        let rows = rowCounts.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }
        let house = houseRules.map(\.key)
        let allowed = allowances.map { "\($0.rule) \($0.scope) \($0.reason)" }
        return
            (["\(KeptEffects.format) \(serverMajor) \(runner) \(asksEveryRule) \(tellsWork)"] + rules + rows
            + baseline.sorted()
            + house + allowed).joined(separator: "\n")
    }
}

extension HouseRule {
    /// All that it says, the same for equal rules.
    fileprivate var key: String {
        let demand =
            switch demand {
            case .names(let kinds, let pattern): "names \(kinds.map(\.rawValue).sorted()) \(pattern.text)"
            case .columns(let columns): "columns \(columns)"
            case .types(let types): "types \(types)"
            case .statements(let statements): "statements \(statements)"
            case .comments(let kinds): "comments \(kinds.map(\.rawValue).sorted())"
            }
        return "\(name) \(demand) \(severity) \(tables) \(exceptions) \(advice ?? "")"
    }
}
