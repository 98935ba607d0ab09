public import Testing

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// A small, fast generator whose whole sequence follows from its seed (SplitMix64).
public struct SeededGenerator: RandomNumberGenerator, Sendable {
    private var state: UInt64

    /// Starts the sequence that belongs to a seed.
    public init(seed: UInt64) {
        state = seed
    }

    /// The next 64 bits.
    public mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}

/// The seed of this run: `LASTRO_SEED`, or a new one every time.
public let testSeed: UInt64 =
    ProcessInfo.processInfo.environment["LASTRO_SEED"].flatMap(UInt64.init) ?? UInt64.random(in: 0...999_999_999)

/// Checks that a property holds for generated values, and reports the smallest one found for which it does not.
///
/// - Parameters:
///   - count: how many values are tried.
///   - generate: makes a value from the generator.
///   - shrink: smaller values to try in place of one that fails; none by default.
///   - holds: the property.
///   - sourceLocation: where a failure is reported.
public func forAll<Value>(
    count: Int = 200,
    generate: (inout SeededGenerator) -> Value,
    shrink: (Value) -> [Value] = { _ in [] },
    holds: (Value) throws -> Bool,
    sourceLocation: Testing.SourceLocation = #_sourceLocation
) {
    func fails(_ value: Value) -> Bool {
        do { return try !holds(value) } catch { return true }
    }
    var generator = SeededGenerator(seed: testSeed)
    for _ in 0..<count {
        var smallest = generate(&generator)
        guard fails(smallest) else { continue }
        var steps = 0
        while steps < 1000, let smaller = shrink(smallest).first(where: fails) {
            smallest = smaller
            steps += 1
        }
        Issue.record(
            "does not hold for \(String(reflecting: smallest)); repeat with LASTRO_SEED=\(testSeed)",
            sourceLocation: sourceLocation
        )
        return
    }
}
