import Foundation

/// What the clocks of a time zone read, in whole seconds: readings are counted as if the zone were UTC.
struct WallClock: Hashable, Sendable {
    let zone: TimeZone

    /// Seconds ahead of UTC at an instant.
    func offset(at instant: Int) -> Int {
        zone.secondsFromGMT(for: Date(timeIntervalSince1970: Double(instant)))
    }

    /// What the clock reads at an instant.
    func reading(at instant: Int) -> Int { instant + offset(at: instant) }

    /// The first instant at which the clock reads so; where it never does, the first one behind the gap.
    func firstInstant(reading: Int) -> Int {
        // No zone is further from UTC than 16 hours, and none changes its clocks twice within such a time.
        let (early, late) = (reading - 16 * 3600, reading + 16 * 3600)
        let (before, after) = (offset(at: early), offset(at: late))
        guard before != after else { return reading - before }
        let change = firstChange(after: early, through: late, from: before)
        if reading - before < change { return reading - before }
        return max(reading - after, change)
    }

    /// The first instant at which the clocks are set differently, between one where they have an offset and one where they
    /// have another.
    func firstChange(after early: Int, through late: Int, from offset: Int) -> Int {
        var (early, late) = (early, late)
        while late - early > 1 {
            let middle = early + (late - early) / 2
            if self.offset(at: middle) == offset { early = middle } else { late = middle }
        }
        return late
    }
}
