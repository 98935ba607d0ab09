import Migrator

/// How far a fan-out is.
struct FanOutProgress {
    private var count = 0
    private var done = 0
    private var failed = 0
    private var upToDate = 0
    private var current = ""
    private var start: ContinuousClock.Instant?
    private var lastDrawn: ContinuousClock.Instant?

    /// Takes an event in.
    mutating func note(_ event: FanOutEvent) {
        switch event {
        case .listed(let count): self.count = count
        case .started(let target):
            start = start ?? .now
            current = target
        case .event(let target, .started(let step)): current = "\(target) \(step.name)"
        case .finished(_, let summary):
            done += 1
            if summary.isEmpty { upToDate += 1 }
        case .repaired(_, let repairs):
            done += 1
            if repairs.isEmpty { upToDate += 1 }
        case .looked: done += 1
        case .failed: failed += 1
        case .event, .canaryPassed, .ended: break
        }
    }

    /// Whether the line is to be drawn again: not for every one of ten thousand events.
    var isDue: Bool {
        mutating get {
            let now = ContinuousClock.now
            if let lastDrawn, lastDrawn.duration(to: now) < .milliseconds(50) { return false }
            lastDrawn = now
            return true
        }
    }

    /// `[120/1000] 2 failed, 31 a second, 28 s to go  tenant_0121 0003_orders`.
    var text: String {
        var text = "[\(done + failed)/\(count)]"
        if failed > 0 { text += " \(failed) failed," }
        if let start {
            let seconds = max(start.duration(to: .now) / .seconds(1), 0.001)
            let rate = Double(done + failed - upToDate) / seconds
            text += rate >= 10 ? " \(Int(rate)) a second" : " \(Int(rate * 60)) a minute"
            if rate > 0 { text += ", \(Words.duration(.seconds(Double(count - done - failed) / rate))) to go" }
        }
        return "\(text)  \(current)".printable
    }
}
