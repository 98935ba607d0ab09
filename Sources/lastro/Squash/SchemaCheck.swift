import Catalog
import Migrator
import SchemaDiff

/// Compares a database with what its migrations make, for squashed files whose predecessors nobody compared.
enum SchemaCheck {
    /// What compares the database of a migrator; nothing is made on it.
    static func comparison(for settings: Settings, on migrator: Migrator) -> CatalogComparison {
        var check = DriftCheck(of: migrator.database, against: .migrations(migrator.directory))
        check.reader.migratorOptions = migrator.options
        check.ignored = [settings.diffIgnore]
        // Whom objects belong to differs from server to server, and no migration's file says it.
        check.scope = DriftScope([.objects, .grants, .comments])
        let ready = check
        return {
            let drift = try await ready()
            return drift.changes.map { change in
                let verb =
                    change.before == nil
                    ? "is missing" : change.after == nil ? "is there, and should not be" : "differs"
                return "\(change.identity) \(verb)"
            }
        }
    }
}
