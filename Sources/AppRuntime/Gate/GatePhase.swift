/// How far an application has come on its way from its start to its end.
public enum GatePhase: Hashable, Sendable {
    /// Nothing was looked at yet.
    case starting
    /// The database does not answer yet.
    case waitingForDatabase
    /// Another process migrates, or is to migrate; who it is, where that is known.
    case waitingForMigration(holder: String?)
    /// A migration runs: its name, its place in the run counted from 1, how many the run has.
    case migrating(name: String, number: Int, count: Int)
    /// The history is compared with the migrations.
    case verifying
    /// Something else is looked at: the schema itself, the application's queries.
    case checking(String)
    /// The gate is open: pools, workers and listeners are started.
    case startingServices
    /// Requests are served.
    case ready
    /// The application is about to end, and takes no more work.
    case draining
    /// The application does not start; why.
    case failed(String)

    /// The phase as a word for machines.
    public var name: String {
        switch self {
        case .starting: "starting"
        case .waitingForDatabase: "waiting-for-database"
        case .waitingForMigration: "waiting-for-migration"
        case .migrating: "migrating"
        case .verifying: "verifying"
        case .checking(let what): "checking-\(what)"
        case .startingServices: "starting-services"
        case .ready: "ready"
        case .draining: "draining"
        case .failed: "failed"
        }
    }
}
