import SQLSyntax
import SourceText

/// The SQL of a migration or of its way back, looked at before any of it runs.
struct MigrationScript: Sendable {
    /// How a script gets to the server.
    enum Form: Sendable {
        /// In one transaction with its row in the history.
        case transaction(TransactionText)
        /// Step by step, since a statement cannot run in a transaction or the file says so; each step is on record.
        case steps([ScriptStep])
        /// One statement over ranges of a key, each range in a transaction of its own.
        case batches(Backfill)
    }

    let path: String
    let checksum: Checksum
    let form: Form
    /// How many statements the file has.
    let statementCount: Int
    /// What was done to the file before it is sent, in words for the user.
    let remarks: [String]
    /// What the file says of itself.
    private(set) var rules: ScriptRules
    let source: SQLScript

    /// Splits a file into its statements and finds out how it has to run.
    ///
    /// - Parameters:
    ///   - file: the file's text and what it says of itself.
    ///   - reserved: names of tables that a migration must leave alone.
    /// - Throws: ``MigratorError`` if the file cannot be split, or holds what would leave half of it behind.
    init(_ file: ScriptFile, reserved: ReservedTables) throws(MigratorError) {
        path = file.path
        checksum = file.checksum
        rules = file.rules
        do {
            source = try SQLScript(utf8: file.bytes)
        } catch {
            throw .invalidScript(error, path: file.path)
        }
        statementCount = source.statements.count
        let reader = FormReader(file: file, script: source)
        try reserved.check(file: file, script: source)
        (form, remarks) = try reader.form()
    }

    init(of migration: Migration, reserved: ReservedTables) throws(MigratorError) {
        try self.init(path: migration.path, reserved: reserved)
    }

    init(path: String, reserved: ReservedTables) throws(MigratorError) {
        let file = try MigrationFile(path: path)
        try self.init(ScriptFile(path: path, bytes: file.bytes, checksum: file.checksum), reserved: reserved)
    }

    /// The same script with other conditions that must hold before it.
    func asserting(_ assertions: [ScriptRules.Assertion]) -> MigrationScript {
        var script = self
        script.rules.assertions = assertions
        return script
    }

    /// The place of a statement.
    func location(ofStatement index: Int) -> SourceLocation {
        guard source.statements.indices.contains(index) else { return SourceLocation(file: path) }
        let start = source.statements[index].range.lowerBound
        return SourceLocation(file: path, position: source.position(ofByte: start))
    }
}

/// A file of SQL as it goes to the server, and what it says of itself.
struct ScriptFile {
    let path: String
    let bytes: [UInt8]
    let checksum: Checksum
    var rules = ScriptRules()
}

/// What a file of SQL says of itself in its leading comments.
struct ScriptRules: Hashable, Sendable {
    /// A condition that must hold before the file runs.
    struct Assertion: Hashable, Sendable {
        let sql: String
        let position: SourcePosition
    }

    /// Whether the file must not run in one transaction.
    var forbidsTransaction = false
    /// How long its statements wait for a lock; nil where the configuration decides.
    var lockTimeout: Duration?
    /// How long a statement may run; nil where the configuration decides.
    var statementTimeout: Duration?
    var assertions: [Assertion] = []
    /// How its one statement goes over ranges of a key; nil for a plain file.
    var batch: BatchRule?
}

/// Tables that are Lastro's own, which a migration may read but not take away.
struct ReservedTables: Sendable {
    let names: [String]

    init(history: HistoryTable?) {
        names = [history?.name ?? "schema_migrations", "lastro_events", "lastro_steps"]
    }

    /// Refuses a script that would drop, empty, change or lock one of them.
    func check(file: ScriptFile, script: SQLScript) throws(MigratorError) {
        let isNamed = file.bytes.withUnsafeBytes { bytes in names.contains { bytes.offset(of: $0) != nil } }
        guard isNamed else { return }
        for statement in script.statements {
            let words = statement.leadingWords
            guard ["DROP", "TRUNCATE", "LOCK", "ALTER", "DELETE"].contains(words.first) else { continue }
            guard let name = names.first(where: { statement.contains(anyOf: $0) || statement.quotes($0) }) else {
                continue
            }
            throw .touchesHistory(
                words.first ?? "",
                table: name,
                at: SourceLocation(file: file.path, position: script.position(ofByte: statement.range.lowerBound))
            )
        }
    }
}

extension SQLStatement {
    fileprivate func quotes(_ name: String) -> Bool { text.contains("\"\(name)\"") }
}
