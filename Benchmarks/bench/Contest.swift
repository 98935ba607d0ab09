/// One of several tools that do the same work, with what it took in the rounds so far.
struct ContestEntry {
    let name: String
    /// Does the work once, and gives the milliseconds.
    private let run: () async throws -> Double
    private var values: [Double] = []
    private var baselines: [Double] = []
    /// Why there are no figures: it is not on this machine, or it failed.
    private var missing: String?

    init(name: String, run: @escaping () async throws -> Double) {
        self.name = name
        self.run = run
    }

    init(name: String, missing: String) {
        self.init(name: name) { throw BenchFailure(missing) }
        self.missing = missing
    }

    /// Whether one run takes so long that a second one has to do.
    private var isSlow: Bool { values.first.map { $0 > 10_000 } ?? false }

    /// Whether it runs once more; the first of the fast ones' runs does not count.
    private func isOpen(after rounds: Int) -> Bool { missing == nil && values.count < (isSlow ? 2 : rounds + 1) }

    fileprivate func runAgain(beside baseline: Double, rounds: Int) async throws -> ContestEntry {
        guard isOpen(after: rounds) else { return self }
        var next = self
        do {
            next.values.append(try await run())
            next.baselines.append(baseline)
        } catch let failure as BenchFailure {
            next.missing = "failed: \(failure)"
        }
        return next
    }

    fileprivate func measurement(_ name: String, note: String) -> Measurement {
        let name = "\(name)/\(self.name)"
        if let missing { return Measurement(name: name, value: nil, unit: "ms", note: missing) }
        let start = isSlow ? 0 : 1
        let figures = Figures(Array(values[start...]), beside: Array(baselines[start...]))
        return Measurement(
            name: name,
            value: figures.value,
            unit: "ms",
            baseline: figures.baseline,
            ratio: figures.ratio,
            note: isSlow ? "\(note); \(values.count) runs" : note
        )
    }
}

/// Lets tools do the same work in turn, round by round, so that a machine that slows down slows all of them.
///
/// - Parameters:
///   - name: of the row; a slash and the entry's follow it.
///   - entries: those that take part. One that fails leaves the others to go on.
///   - rounds: how many count; one more goes before them. Who takes more than ten seconds runs in two.
///   - note: what is compared with what.
///   - baseline: the work that all are set beside, once a round.
/// - Returns: one line for each entry, also for those that are missing.
/// - Throws: what the baseline throws.
func contest(
    _ name: String,
    entries: [ContestEntry],
    rounds: Int,
    note: String,
    baseline: () async throws -> Double
) async throws -> [Measurement] {
    var entries = entries
    for _ in 0...rounds {
        let base = try await baseline()
        for index in entries.indices {
            entries[index] = try await entries[index].runAgain(beside: base, rounds: rounds)
        }
    }
    return entries.map { $0.measurement(name, note: note) }
}
