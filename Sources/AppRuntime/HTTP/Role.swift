/// What somebody may do in an application.
public enum Role: String, Sendable, Hashable, Codable, CaseIterable {
    /// Uses the application.
    case learner
    /// Changes what others use.
    case editor
    /// Looks after the running system: jobs, schedules, alerts.
    case `operator`
    /// Does everything, and says who may do what.
    case admin
}
