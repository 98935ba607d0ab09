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
    private(set) var rules: Directives
    /// The placeholders that were replaced, with their values.
    let placeholders: [String: String]
    let text: MigrationText
    let source: SQLScript
    /// The statements with IF NOT EXISTS.
    let guards: GuardScan

    /// Splits a file into its statements and finds out how it has to run.
    ///
    /// - Parameters:
    ///   - file: the file's text and what it says of itself.
    ///   - reserved: names of tables that a migration must leave alone.
    /// - Throws: ``MigratorError`` if the file cannot be split, or holds what would leave half of it behind.
    init(_ file: MigrationText, reserved: ReservedTables) throws(MigratorError) {
        text = file
        path = file.source.path
        checksum = file.checksum
        rules = file.directives
        placeholders = file.placeholders
        do {
            source = try SQLScript(utf8: file.bytes)
        } catch {
            throw .invalidScript(error, path: path, position: error.position.map(file.filePosition(of:)))
        }
        statementCount = source.statements.count
        guards = GuardScan(source)
        let reader = FormReader(file: file, script: source)
        try reserved.check(file: file, script: source)
        (form, remarks) = try reader.form()
    }

    /// Whether it adds a value to an enum.
    var addsEnumValue: Bool {
        source.statements.contains { if case .addsEnumValue = $0.transactionBehavior { true } else { false } }
    }

    /// Whether all that it does is to define objects, so that it makes no statement ready and lets go of none.
    var onlyDefines: Bool {
        source.statements.allSatisfy { statement in
            let words = statement.leadingWords
            guard ["CREATE", "ALTER", "DROP", "COMMENT", "GRANT", "REVOKE"].contains(words.first) else { return false }
            switch words.dropFirst().first {
            case "EXTENSION", "MATERIALIZED": return false
            // A query is run there, and what it calls may do anything.
            case "FUNCTION", "PROCEDURE", "TRIGGER", "VIEW", "OR": return true
            default: return !statement.contains(anyOf: "SELECT", "EXECUTE", "VALUES", "USING")
            }
        }
    }

    /// The same script with other conditions that must hold before it.
    func asserting(_ assertions: [Directives.Located<String>]) -> MigrationScript {
        var script = self
        script.rules.assertions = assertions
        return script
    }

    /// The place of a statement.
    func location(ofStatement index: Int) -> SourceLocation {
        guard source.statements.indices.contains(index) else { return SourceLocation(file: path) }
        let start = source.statements[index].range.lowerBound
        return SourceLocation(file: path, position: text.filePosition(ofByte: start))
    }
}

/// Tables that are Lastro's own, which a migration may read but not take away.
struct ReservedTables: Sendable {
    let names: [String]

    /// - Parameter history: the name of the history's table; nil for the usual one.
    init(history: String?) {
        names = [history ?? "schema_migrations", "lastro_events", "lastro_steps"]
    }

    /// Whether a text has one of the names anywhere.
    func areNamed(in text: [UInt8]) -> Bool {
        text.withUnsafeBytes { bytes in names.contains { bytes.offset(of: $0) != nil } }
    }

    /// Refuses a script that would drop, empty, change or lock one of them.
    func check(file: MigrationText, script: SQLScript) throws(MigratorError) {
        guard areNamed(in: file.bytes) else { return }
        for statement in script.statements {
            let words = statement.leadingWords
            guard ["DROP", "TRUNCATE", "LOCK", "ALTER", "DELETE"].contains(words.first) else { continue }
            guard let name = names.first(where: { statement.contains(anyOf: $0) || statement.quotes($0) }) else {
                continue
            }
            throw .touchesHistory(
                words.first ?? "",
                table: name,
                at: file.location(ofByte: statement.range.lowerBound)
            )
        }
    }
}

extension SQLStatement {
    fileprivate func quotes(_ name: String) -> Bool { text.contains("\"\(name)\"") }
}

extension MigrationText {
    /// The place in the file of a byte of the text.
    func location(ofByte offset: Int) -> SourceLocation {
        SourceLocation(file: source.path, position: filePosition(ofByte: offset))
    }
}

/// Reads the scripts of migrations.
struct ScriptReader: Sendable {
    /// A migration's script, and the one that checks what it did.
    typealias Reading = (script: MigrationScript, verification: MigrationScript?)

    let placeholders: [String: String]?
    let reserved: ReservedTables
    /// The scripts that runs on other targets have read already.
    var cache: ScriptCache?

    func script(of source: MigrationSource) throws(MigratorError) -> MigrationScript {
        if let script = cache?.script(of: source, reserving: reserved.names) { return script }
        let script = try MigrationScript(MigrationText(of: source, placeholders: placeholders), reserved: reserved)
        cache?.keep(script, of: source, reserving: reserved.names)
        return script
    }

    func verification(of migration: Migration) throws(MigratorError) -> MigrationScript? {
        guard let source = migration.verify else { return nil }
        let script = try script(of: source)
        guard case .transaction = script.form else { throw .verificationWithSteps(script.path) }
        return script
    }
}

extension MigrationText {
    /// Whether a text has the name of a table that Lastro keeps for itself.
    public static func namesOwnTables(_ text: [UInt8]) -> Bool { ReservedTables(history: nil).areNamed(in: text) }

    /// What `migrate` says against the file before it runs any of it: that half of it could be left behind, whichever way
    /// it ran; nil if nothing.
    public var refusal: MigratorError? {
        do {
            _ = try MigrationScript(self, reserved: ReservedTables(history: nil))
            return nil
        } catch {
            return error.code == .invalidScript ? nil : error
        }
    }
}

extension MigrationDirectory {
    /// What `migrate` says against files before it runs any of them, as far as nothing else need be known.
    ///
    /// - Parameter placeholders: the values of `${name}`; nil to leave such text as it is.
    /// - Returns: an error for each such file.
    @concurrent
    public func scriptProblems(placeholders: [String: String]?) async -> [MigratorError] {
        (migrations + repeatables).compactMap { migration -> MigratorError? in
            do throws(MigratorError) {
                return try MigrationText(of: migration.up, placeholders: placeholders).refusal
            } catch {
                // Their values may be known only where the migrations run.
                return error.code == .unknownPlaceholder ? nil : error
            }
        }
    }
}
