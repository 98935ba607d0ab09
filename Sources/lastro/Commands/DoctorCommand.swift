import ArgumentParser
import Migrator
import Postgres
import ProjectSettings
import SourceText

struct DoctorCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor",
        abstract: "Look at the set-up: configuration, migrations, database, rights, private server.",
        discussion: """
            Says where every value came from and which files were looked for; passwords are masked. Exit status 1 if \
            something needs mending.

            EXAMPLES
              lastro doctor
              lastro doctor --format json
            """
    )

    @OptionGroup var global: GlobalOptions
    @OptionGroup var options: MigratorOptions
    @OptionGroup var running: RunOptions

    func run() async throws {
        let settings = try global.settings(options, running)
        _ = try LintSettings(settings)
        var report = DoctorReport()
        report.look(atFilesOf: settings)
        let hasMigrations = await report.look(atMigrationsOf: settings)
        await report.look(atDatabaseOf: settings, options: options, readsHistory: hasMigrations)
        await report.look(forInstallations: ())
        try global.writer.write(report)
        if report.checks.contains(where: { $0.result == .bad }) { throw Finding() }
    }
}

/// What was found when the set-up was looked at.
struct DoctorReport: Report {
    private(set) var checks: [Check] = []

    /// How well one thing is.
    enum Result: String, Encodable {
        case good
        case warning
        case bad
    }

    /// One thing that was looked at.
    struct Check: Encodable {
        let subject: String
        let result: Result
        let finding: String
    }

    func text(style: TextStyle) -> String {
        let rows = checks.map { check in
            let marks: [Result: (String, (String) -> String)] = [
                .good: ("ok", style.good), .warning: ("note", style.warning), .bad: ("bad", style.bad),
            ]
            let (mark, paint) = marks[check.result] ?? ("", { $0 })
            return [
                TextTable.Cell(mark, style: paint), TextTable.Cell(check.subject),
                TextTable.Cell(lines: check.finding, indentedBy: 6),
            ]
        }
        let bad = checks.count { $0.result == .bad }
        let end = bad == 0 ? "nothing needs mending" : "\(Words.count(bad, "thing")) to mend"
        return TextTable(rows: rows).text(width: nil) + "\n\n" + end
    }

    private mutating func add(_ subject: String, _ result: Result, _ finding: String) {
        checks.append(Check(subject: subject, result: result, finding: finding))
    }

    mutating func look(atFilesOf settings: Settings) {
        for file in settings.files {
            add(
                file.path,
                .good,
                file.content == nil ? "\(file.absolutePath) is not there" : "read \(file.absolutePath)"
            )
        }
        for stray in settings.strayDotEnvFiles {
            add(".env", .warning, "\(stray) is there, but is not read: commands read the .env of the current folder")
        }
        for origin in settings.origins {
            add(origin.key, .good, origin.value + (origin.place.map { " from \($0)" } ?? " by default"))
        }
        add("not set", .good, settings.unset.joined(separator: ", "))
        for stray in settings.strayVariables {
            let near = stray.near.map { "; did you mean \($0)?" } ?? ""
            add(stray.name, .warning, "is set, but is no variable of Lastro's" + near)
        }
        if settings.isAddressOverruled {
            add(Setting.databaseURL.key, .warning, "not used: PG* variables of a stronger place name the database")
        }
        if settings.isDirectAddressOverruled {
            add(Setting.directURL.key, .warning, "not used: the database itself is named in a stronger place")
        }
    }

    /// Looks at the folder; returns whether it can be read.
    mutating func look(atMigrationsOf settings: Settings) async -> Bool {
        do {
            let directory = try await MigrationDirectory(readingFrom: settings.migrations, layout: settings.layout)
            let newest = directory.migrations.last.map { ", the newest is \($0.name)" } ?? ""
            add("migrations", .good, Words.count(directory.migrations.count, "migration") + newest)
            return true
        } catch {
            add("migrations", .bad, "\(error)")
            return false
        }
    }

    mutating func look(atDatabaseOf settings: Settings, options: MigratorOptions, readsHistory: Bool) async {
        do {
            let database = try await settings.database(.direct)
            add("database", .good, "\(database)")
            if !settings.hasPasswordInAddress { add("password", .good, "from \(settings.passwordSourceInWords)") }
            let migrator = try await options.migrator(for: settings, database: database)
            add(try await migrator.databaseFindings())
            guard readsHistory else {
                add("history", .warning, "not looked at, since the migrations cannot be read")
                return
            }
            let plan = try await migrator.plan()
            let pending = plan.statuses.count { $0.state == .pending || $0.state == .failed }
            add("history", plan.problems.isEmpty ? .good : .bad, historyInWords(plan, pending: pending))
        } catch {
            add("database", .bad, "\(error)")
        }
    }

    private mutating func add(_ findings: DatabaseFindings) {
        let isOld = findings.version.major < 15
        add("server", isOld ? .bad : .good, "PostgreSQL \(findings.version)" + (isOld ? ", 15 is the oldest" : ""))
        add("role", .good, findings.role + (findings.isSuperuser ? ", a superuser" : ""))
        add(
            "schema",
            findings.canCreate ? .good : findings.hasTables ? .warning : .bad,
            findings.schema.map { schema in
                findings.canCreate
                    ? "\(schema), where \(findings.role) may create"
                    : "\(schema), where \(findings.role) may not create anything"
                        + (findings.hasTables ? "" : ", and the history's tables are still to be made there")
            } ?? "there is no place for the history"
        )
        if findings.isReplica { add("server", .bad, "a standby that takes no writes: connect to the primary") }
        if findings.isReadOnly {
            add(
                "role",
                .bad,
                "default_transaction_read_only is on: migrations need off, for the role or in the URL's options"
            )
        }
        if findings.isPooled {
            add(
                "pooler",
                .warning,
                "the server process changes between statements; give migrations a direct address"
            )
        }
    }

    private func historyInWords(_ plan: Plan, pending: Int) -> String {
        guard plan.problems.isEmpty else { return plan.problems.map { "\($0)" }.joined(separator: "\n") }
        return "\(Words.count(plan.statuses.count - pending, "migration")) applied, \(pending) pending"
    }

    mutating func look(forInstallations: Void) async {
        do {
            let found = try await PostgresInstallation.all()
            let words = found.map { "\($0.version) in \($0.binFolder)" }.joined(separator: "\n")
            add("private server", found.isEmpty ? .warning : .good, found.isEmpty ? "no PostgreSQL was found" : words)
        } catch {
            add("private server", .warning, "\(error)")
        }
    }
}
