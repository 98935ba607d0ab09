/// How hard a backup tries to make chunks small.
public enum Compression: Hashable, Sendable {
    /// Fast where the processor is the limit, harder where the store is.
    case automatic
    /// A level of zstd, from 1 to 19.
    case level(Int)
}

/// What is asked of zstd for one chunk.
enum CompressionEffort: Hashable, Comparable, Sendable {
    /// Level 1 that skips ahead where it finds nothing, but still packs what it does not find: two thirds of the time of
    /// level 1, and a fortieth more bytes.
    case quick
    case level(Int)

    var words: String {
        switch self {
        case .quick: "quickly"
        case .level(let level): "at level \(level)"
        }
    }
}

/// Chooses the effort for each chunk, from how the last ones went.
struct CompressionChoice: Sendable {
    let compression: Compression
    /// Whether threads wait for the store most of the time.
    var storeIsLimit = false
    /// How many times smaller the last chunk became.
    var lastRatio = 1.0

    /// What so repetitive a chunk takes at level 1 cannot be saved.
    private static let highRatio = 8.0

    var effort: CompressionEffort {
        switch compression {
        case .level(let level): .level(level)
        case .automatic: storeIsLimit ? .level(3) : lastRatio > Self.highRatio ? .level(1) : .quick
        }
    }
}
