extension Duration {
    /// The duration in whole milliseconds, the unit of PostgreSQL's settings of time; fractions are cut off.
    public var milliseconds: Int {
        Int(components.seconds) * 1000 + Int(components.attoseconds / 1_000_000_000_000_000)
    }
}
