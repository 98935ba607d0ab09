import Catalog
public import Postgres

/// Carries out a plan that was written down.
public struct PlanApplication: Sendable {
    private let file: PlanFile
    private let allowed: Set<Hazard.Kind>
    private let limits: PlanScript.Limits
    private let ignored: IgnoreList

    /// How it ended.
    public enum Outcome: Hashable, Sendable {
        /// The statements were run, and the schema is what was planned.
        case applied(statements: Int)
        /// The schema was what was planned before anything ran.
        case alreadyThere
    }

    /// Takes a plan and what is allowed of it.
    public init(
        of file: PlanFile,
        allowing allowed: Set<Hazard.Kind>,
        limits: PlanScript.Limits,
        ignoring ignored: IgnoreList
    ) {
        self.file = file
        self.allowed = allowed
        self.limits = limits
        self.ignored = ignored
    }

    /// Runs the plan.
    ///
    /// - Parameter connection: the database, outside of a transaction.
    /// - Returns: whether there was anything to run.
    /// - Throws: ``SchemaDiffError`` where a hazard is not allowed, or the schema is another one than the plan was made for:
    ///   then nothing was run; and where the server refuses a statement.
    public func callAsFunction(on connection: PostgresConnection) async throws -> Outcome {
        let plan = file.plan
        let forbidden = plan.hazards.subtracting(allowed).map(\.rawValue).sorted()
        guard forbidden.isEmpty else { throw SchemaDiffError.hazardsNotAllowed(forbidden) }
        let present = try await fingerprint(on: connection)
        if present == file.to { return .alreadyThere }
        guard present == file.from else { throw SchemaDiffError.targetMoved(planned: file.from, present: present) }
        try await PlanScript(plan, limits: limits).run(on: connection)
        guard try await fingerprint(on: connection) == file.to else { throw SchemaDiffError.notAsPlanned() }
        return .applied(statements: plan.steps.reduce(0) { $0 + $1.statements.count })
    }

    private func fingerprint(on connection: PostgresConnection) async throws -> String {
        let catalog = ignored.applied(to: try await Catalog.read(on: connection))
        return catalog.comparableFingerprint(withOwners: file.owners)
    }
}
