/// What a row measured: medians of two things, and of their ratios.
struct Figures {
    let value: Double
    var baseline: Double?
    var ratio: Double?

    init(_ values: [Double]) { value = median(values) }

    /// - Parameters:
    ///   - values: ours, a round each.
    ///   - baselines: those of the same rounds.
    init(_ values: [Double], beside baselines: [Double]) {
        value = median(values)
        baseline = median(baselines)
        ratio = median(zip(values, baselines).map { $0 / $1 })
    }
}

/// Runs two things in turn and compares them pair by pair, so that a machine that slows down slows both.
///
/// - Parameters:
///   - runs: how many pairs count; one more goes before them.
///   - ours: does our part and gives its figure.
///   - theirs: does the peer's.
/// - Returns: the medians of both, and of the ratios.
/// - Throws: what a part throws.
func inTurn(
    runs: Int,
    ours: () async throws -> Double,
    theirs: () async throws -> Double
) async throws -> Figures {
    _ = try await (ours(), theirs())
    var (values, baselines): ([Double], [Double]) = ([], [])
    for _ in 0..<runs {
        values.append(try await ours())
        baselines.append(try await theirs())
    }
    return Figures(values, beside: baselines)
}

func median(_ values: [Double]) -> Double {
    let sorted = values.sorted()
    let middle = sorted.count / 2
    return sorted.count % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
}

/// The time that a closure takes, in milliseconds.
func milliseconds(_ body: () async throws -> Void) async rethrows -> Double {
    let start = ContinuousClock.now
    try await body()
    return start.duration(to: .now) / .milliseconds(1)
}
