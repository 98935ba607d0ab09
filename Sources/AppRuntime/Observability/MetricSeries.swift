import CoreMetrics
import Synchronization

/// A number that only grows.
final class CounterSeries: CounterHandler, FloatingPointCounterHandler {
    private let whole = Mutex<Int64>(0)
    private let part = Mutex<Double>(0)

    func increment(by amount: Int64) {
        guard amount > 0 else { return }
        whole.withLock { $0 = $0 &+ amount }
    }

    func increment(by amount: Double) {
        guard amount > 0, amount.isFinite else { return }
        part.withLock { $0 += amount }
    }

    func reset() {
        whole.withLock { $0 = 0 }
        part.withLock { $0 = 0 }
    }

    var value: Double { Double(whole.withLock { $0 }) + part.withLock { $0 } }
}

/// A number that goes up and down.
final class GaugeSeries: MeterHandler, RecorderHandler {
    private let current = Mutex<Double>(0)

    func set(_ value: Int64) { set(Double(value)) }

    func set(_ value: Double) { current.withLock { $0 = value } }

    func increment(by amount: Double) { current.withLock { $0 += amount } }

    func decrement(by amount: Double) { current.withLock { $0 -= amount } }

    func record(_ value: Int64) { set(Double(value)) }

    func record(_ value: Double) { set(value) }

    var value: Double { current.withLock { $0 } }
}

/// How often values fell into each of some ranges.
final class HistogramSeries: RecorderHandler, TimerHandler {
    struct Counts {
        /// One for each bound, and one for what lies behind the last.
        var counts: [UInt64]
        var sum = 0.0
    }

    /// The upper bounds, ascending.
    let bounds: [Double]
    private let state: Mutex<Counts>

    init(bounds: [Double]) {
        self.bounds = bounds
        state = Mutex(Counts(counts: Array(repeating: 0, count: bounds.count + 1)))
    }

    func record(_ value: Int64) { record(Double(value)) }

    func record(_ value: Double) {
        guard !value.isNaN else { return }
        let place = bounds.firstIndex { value <= $0 } ?? bounds.count
        state.withLock { state in
            state.counts[place] &+= 1
            state.sum += value
        }
    }

    func recordNanoseconds(_ duration: Int64) { record(Double(duration) / 1e9) }

    var counts: Counts { state.withLock { $0 } }
}
