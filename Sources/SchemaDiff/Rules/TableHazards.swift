import Catalog

/// The hazards of statements on tables that are in use, in words.
extension Hazard {
    static func deletesRows(of table: String) -> Hazard {
        Hazard(.deletesData, "all rows of \(table) are deleted")
    }

    /// The table is written anew; the lock that keeps everybody out lasts as long.
    static func rewrites(_ table: String) -> [Hazard] {
        [
            Hazard(.rewritesTable, "\(table) is written anew, with all its indexes"),
            Hazard(.accessExclusiveLock, "nobody can read or write \(table) meanwhile"),
        ]
    }

    /// All rows are read under a lock that keeps everybody out.
    static func scansExclusively(_ table: String) -> [Hazard] {
        [
            Hazard(.validatesConstraint, "every row of \(table) is read, and one that does not fit stops the plan"),
            Hazard(.accessExclusiveLock, "nobody can read or write \(table) meanwhile"),
        ]
    }

    /// All rows are read while they are read and written.
    static func validates(_ table: String) -> Hazard {
        Hazard(.validatesConstraint, "every row of \(table) is read, and one that does not fit stops the plan")
    }

    static func buildsConcurrently(on table: String) -> [Hazard] {
        [
            Hazard(.indexBuild, "an index over all rows of \(table) is built, which takes time and disk"),
            Hazard(.notTransactional, "if it fails, an invalid index is left, to be dropped before the next try"),
        ]
    }

    static func builds(on table: String) -> [Hazard] {
        [
            Hazard(.indexBuild, "an index over all rows of \(table) is built, which takes time and disk"),
            Hazard(.shareLock, "nobody can write to \(table) meanwhile"),
        ]
    }

    static func dropsIndex(_ index: String) -> Hazard {
        Hazard(.indexDropped, "queries that go by \(index) have to find another way")
    }
}
