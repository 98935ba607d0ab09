extension Duration {
    /// The longest time that is counted with in the database: a hundred years.
    ///
    /// `make_interval` and dates have an end: what lies behind it would fail together with whatever else a statement does.
    static let longestStorable = Duration.seconds(100 * 365 * 86_400)

    /// The time as it goes to the database: from none to ``longestStorable``.
    var storable: Duration { min(max(self, .zero), .longestStorable) }
    /// The same in seconds.
    var storableSeconds: Double { storable / .seconds(1) }
}
