/// How long nobody is let in after wrong tries: the more there were since the last right one, the longer.
struct LockOut: Hashable, Sendable {
    /// How many wrong tries are free.
    var free = 5
    /// The wait after those; it doubles with each further one.
    var base = Duration.seconds(15)
    /// The longest wait.
    var longest = Duration.seconds(3600)
    /// How many wrong tries may come from one address in a quarter of an hour, for whatever accounts.
    var perAddress = 100

    /// The wait after so many wrong tries.
    func wait(after failures: Int) -> Duration {
        guard failures >= free else { return .zero }
        return min(longest, base * (1 << min(failures - free, 20)))
    }
}
