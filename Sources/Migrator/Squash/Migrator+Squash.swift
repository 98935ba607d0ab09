/// Compares a database with what the migrations that ran on it make.
///
/// It gives what differs, in words: nothing if the schemas are equal.
public typealias CatalogComparison = @Sendable () async throws -> [String]

extension Migrator {
    /// The replaced migrations that count as unchanged though nobody knows their checksums, since the schema is equal.
    ///
    /// It is compared only where nothing else stands in the way, and before the run lock is taken: it may take seconds.
    func trustedMigrations(
        in files: MigrationDirectory,
        _ history: History,
        to target: MigrationTarget
    ) async throws -> Set<String> {
        guard files.migrations.contains(where: { !$0.replaced.isEmpty }) else { return [] }
        if options.squashReason != nil { return files.replacedNames }
        let (plan, files) = try plan(files, history, to: target)
        guard !plan.unverified.isEmpty, plan.problems.allSatisfy({ $0.code == .squashUnverified }),
            let catalogComparison
        else { return [] }
        let names = Set(plan.unverified)
        guard try self.plan(files, history, to: target, trusted: names).plan.problems.isEmpty else { return [] }
        let differences: [String]
        do {
            differences = try await catalogComparison()
        } catch let error as CancellationError {
            throw error
        } catch {
            throw MigratorError.squashNotCompared(plan.unverified, why: "\(error)")
        }
        guard differences.isEmpty else {
            throw MigratorError.squashDiffers(plan.unverified, differences: differences)
        }
        return names
    }
}

extension MigrationDirectory {
    /// The names of everything that squashed files stand for.
    var replacedNames: Set<String> { Set(migrations.flatMap(\.replaced).map(\.name)) }
}
