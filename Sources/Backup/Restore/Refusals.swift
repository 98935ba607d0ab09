import Synchronization

/// The objects of a snapshot that the role of a drill may not make, such as event triggers, which only a superuser may.
final class Refusals: Sendable {
    private let areLeftOut: Bool
    private let entries = Mutex<[SchemaEntry]>([])

    /// Begins with none.
    ///
    /// - Parameter areLeftOut: whether it goes on without them, and without what needs them.
    init(areLeftOut: Bool) {
        self.areLeftOut = areLeftOut
    }

    var all: [SchemaEntry] { entries.withLock { $0 } }

    /// Adds one, if it is not known yet.
    func add(_ entry: SchemaEntry) {
        entries.withLock { entries in
            if !entries.contains(where: { $0.id == entry.id }) { entries.append(entry) }
        }
    }

    /// Says them all, unless they are left out.
    func check() throws {
        if !areLeftOut, !all.isEmpty { throw BackupError.mayNotMake(all.map(\.title)) }
    }
}
