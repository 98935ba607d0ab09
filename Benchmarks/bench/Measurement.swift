#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// One row of the table: a figure of ours beside that of a peer, measured in turn in the same run.
struct Measurement: Encodable {
    let name: String
    /// The median of ours.
    let value: Double
    let unit: String
    /// The median of the peer; nil where there is none on this machine.
    let baseline: Double?
    /// The median of the ratios, pair by pair.
    let ratio: Double?
    /// What the ratio has to keep to: at most, or with a throughput at least.
    let bound: Double?
    /// What is compared with what.
    let note: String

    var isKept: Bool {
        guard let ratio, let bound else { return true }
        return unit == "MB/s" ? ratio >= bound : ratio <= bound
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
) async throws -> (ours: Double, theirs: Double, ratio: Double) {
    _ = try await (ours(), theirs())
    var pairs: [(ours: Double, theirs: Double)] = []
    for _ in 0..<runs { pairs.append((try await ours(), try await theirs())) }
    return (median(pairs.map(\.ours)), median(pairs.map(\.theirs)), median(pairs.map { $0.ours / $0.theirs }))
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
