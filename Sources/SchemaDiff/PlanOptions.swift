/// How a plan is to be made.
public struct PlanOptions: Hashable, Sendable {
    /// Whether tables are in use: then indexes are built concurrently, and constraints validated apart.
    public var isOnline: Bool

    /// Makes options; without arguments for a database that is in use.
    public init(isOnline: Bool = true) {
        self.isOnline = isOnline
    }
}
