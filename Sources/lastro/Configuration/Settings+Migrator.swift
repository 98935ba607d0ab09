import Migrator

extension Settings {
    /// How to run migrations, as configured, on whatever database.
    var migratorOptions: Migrator.Options {
        var options = Migrator.Options(layout: layout, placeholders: placeholders)
        if let limit = lockTimeout { options.lockTimeout = limit.duration }
        if let limit = statementTimeout { options.statementTimeout = limit.duration }
        if let retries = lockRetries { options.lockRetries = retries }
        if let rule = onSkip { options.skipRule = rule }
        options.role = role
        options.historyTable = historyTable.map { HistoryTableName(schema: $0.schema, name: $0.name) }
        return options
    }

    /// Adds what the configuration has to run around migrations.
    func addHooks(to migrator: inout Migrator, writer: OutputWriter) {
        migrator.hookAction = hooks.action(writer: writer)
        migrator.catalogComparison = SchemaCheck.comparison(for: self, on: migrator)
    }
}
