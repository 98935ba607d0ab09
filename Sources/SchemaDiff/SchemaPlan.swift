public import Catalog

/// The way from one schema to another: statements in order, and what they may hurt.
public struct SchemaPlan: Hashable, Sendable {
    /// The statements for one object.
    public struct Step: Hashable, Sendable {
        /// What the statements are for.
        public let identity: ObjectIdentity
        /// The statements, in order.
        public let statements: [PlanStatement]
        /// Whether the object is there before, and the statements put on it what ties it to others (``Binding``).
        var isSecond = false
    }

    /// The steps, in order.
    public let steps: [Step]

    /// Every kind of hazard in it.
    public var hazards: Set<Hazard.Kind> {
        Set(steps.flatMap(\.statements).flatMap(\.hazards).map(\.kind))
    }
}
