/// Deletes what a repository need not keep, in two steps: what is to go is written down, and goes after a time.
///
/// On a store without locks nobody can be kept from using what is about to be deleted. So who begins later sees the list,
/// and who began earlier is through before the time is over.
public struct Pruning: Sendable {
    let repository: Repository
    private let retention: Retention
    /// How long what was marked stays.
    public var grace: Duration = .seconds(86_400)
    /// How many files are read at once.
    public var jobs = 4
    /// Is told what a user should know of.
    public var note: @Sendable (String) -> Void = { _ in }
    /// What time it is, in seconds since 1970.
    var now = Timestamp.now

    /// Makes ready to prune.
    ///
    /// - Parameters:
    ///   - repository: what to prune; indexes of others than those it trusts count for nothing.
    ///   - retention: what is kept.
    public init(of repository: Repository, keeping retention: Retention) {
        self.repository = repository
        self.retention = retention
    }

    /// Says what would go, and changes nothing.
    ///
    /// - Returns: the plan.
    /// - Throws: ``BackupError`` if the repository cannot be read, or has an index of which cannot be told what it needs.
    public func plan() throws -> PrunePlan {
        let contents = try RepositoryContents(of: repository)
        try checkNames(contents)
        return PrunePlan(contents, retention, marks: try repository.marks().map(\.mark), now: now)
    }

    /// What was marked, and what was deleted.
    public struct Result: Hashable, Sendable {
        /// The plan that was carried out.
        public let plan: PrunePlan
        /// When what was marked may be deleted, as ISO 8601; nil if nothing was marked.
        public let deletedAfter: String?
        /// What an earlier run had marked and is deleted now.
        public let deleted: Deletion
    }

    /// Deletes what was marked long enough ago, then marks what is to go next.
    ///
    /// - Parameter key: what signs the mark.
    /// - Returns: what was done.
    /// - Throws: ``BackupError``; whatever was done until then is whole, and the next run goes on from there.
    public func callAsFunction(signedWith key: SigningKey) async throws -> Result {
        let deleted = try deleteMarked()
        let plan = try await verifiedPlan()
        guard !plan.files.isEmpty || !plan.snapshots.isEmpty else {
            return Result(plan: plan, deletedAfter: nil, deleted: deleted)
        }
        let time = Timestamp.text(now)
        let mark = PruneMark(
            name: try PruneMark.newName(time: time),
            time: time,
            deletedAfter: Timestamp.text(now + Int(grace.components.seconds)),
            snapshots: plan.snapshots,
            files: plan.files
        )
        try repository.store.put(mark.name, SignedText.encode(mark, label: PruneMark.label, signedWith: key))
        return Result(plan: plan, deletedAfter: mark.deletedAfter, deleted: deleted)
    }

    /// Takes back what is marked, so that nothing of it is deleted.
    ///
    /// - Returns: how many snapshots and files it was.
    /// - Throws: ``BackupError`` if the store cannot be written.
    public func unmark() throws -> (snapshots: Int, files: Int) {
        let marks = try repository.marks().map(\.mark)
        for mark in marks { try repository.store.remove(mark.name) }
        return (Set(marks.flatMap(\.snapshots)).count, Set(marks.flatMap(\.files)).count)
    }

    /// A plan in which, of each database, the newest that is kept was read to its end and is what was written.
    private func verifiedPlan() async throws -> PrunePlan {
        let contents = try RepositoryContents(of: repository)
        try checkNames(contents)
        try checkGrace(contents)
        let marks = try repository.marks().map(\.mark)
        var damaged: [SnapshotID: String] = [:]
        var verified: Set<SnapshotID> = []
        while true {
            let plan = PrunePlan(contents, retention, damaged: damaged, marks: marks, now: now)
            // Where nothing goes, nothing has to be sure.
            if plan.snapshots.isEmpty { return plan }
            guard let next = plan.newest.first(where: { !verified.contains($0) }) else { return plan }
            var verification = SnapshotVerification(of: repository)
            verification.jobs = jobs
            let problems = try await verification(next.description).problems
            verified.insert(next)
            if let problem = problems.first {
                damaged[next] = problem
                note("snapshot \(next) is damaged, and counts for nothing: \(problem)")
            }
        }
    }

    private func checkNames(_ contents: RepositoryContents) throws {
        for name in retention.named
        where !contents.items.contains(where: { $0.index.id.description.hasPrefix(name) }) {
            throw BackupError.noSnapshot(name)
        }
    }

    private func checkGrace(_ contents: RepositoryContents) throws {
        let longest = contents.items.compactMap(\.index.seconds).max() ?? 0
        guard Int(grace.components.seconds) > longest else { throw BackupError.shortGrace(grace, longest: longest) }
    }
}
