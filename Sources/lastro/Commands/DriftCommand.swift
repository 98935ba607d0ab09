import ArgumentParser
import Migrator
import Postgres
import ProjectSettings
import SchemaDiff

struct DriftCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "drift",
        abstract: "Compare the database with what its migrations make, and explain what differs.",
        discussion: """
            What the applied migrations make is built on a private server, in the order that the history recorded, and kept \
            for the next check. Nothing is made on the database.

            For everything that differs it is said which statement of which migration last named the object, and who applied \
            that when; what no migration names came by another hand. The repair is printed both ways: the SQL that takes the \
            database back, and with --write a migration that adopts what is there.

            EXAMPLES
              lastro drift                           exit status 1 if anything differs
              lastro drift --only objects            owners, privileges and comments may differ
              lastro drift --format github           annotations for a workflow
              lastro drift --against schema.json     compare with a catalog file instead
              lastro drift --write 'adopt hotfix'    make a migration of what is live

            EXIT STATUS
              0  the database is what its migrations make
              1  it is not, or files are not what ran
            """
    )

    @OptionGroup var global: GlobalOptions
    @OptionGroup var migrator: MigratorOptions

    @Option(help: ArgumentHelp("Compare with a catalog file, as `lastro inspect` writes it.", valueName: "file"))
    var against: String?

    @Option(
        help: ArgumentHelp(
            "What to look at, separated by commas: objects, owners, grants, comments (default: all).",
            valueName: "sides"
        )
    )
    var only: Aspects?

    @Option(
        help: ArgumentHelp(
            "What to leave out beside diff.ignore, such as table:legacy_*, owner:monitoring or grantee:report_*.",
            valueName: "patterns"
        )
    )
    var ignore: IgnorePatterns?

    @Option(
        help: ArgumentHelp("Make a migration that adopts what is live, with its down side.", valueName: "name")
    )
    var write: String?

    @Option(help: ArgumentHelp("The server to build on (default: a private one).", valueName: "url"))
    var scratch: String?

    @Flag(help: "Plan repairs for a database that nobody uses.")
    var offline = false

    @Flag(name: .customLong("no-cache"), help: "Build anew what the migrations make, and keep nothing.")
    var ignoresCache = false

    func run() async throws {
        let settings = try global.settings(
            migrator,
            formats: [.text, .json, .github, .markdown, .junit, .html]
        )
        var check = DriftCheck(
            of: try await settings.database(.direct),
            against: against.map { .catalogFile($0) } ?? .migrations(settings.migrations)
        )
        check.reader.scratch = try scratch.map { try ConnectionSettings($0) }
        check.reader.migratorOptions = migrator.options(for: settings)
        check.ignored = [settings.diffIgnore, ignore?.list].compactMap(\.self)
        if let only { check.scope = DriftScope(only.aspects) }
        check.planOptions = PlanOptions(isOnline: !offline)
        check.usesCache = !ignoresCache
        let drift = try await check()
        try global.writer.write(DriftReport(drift, limits: DiffOptions.limits(settings)))
        guard !drift.isEqual else {
            if write != nil { global.writer.note("nothing differs: no migration was made") }
            return
        }
        if let write { return try await makeMigration(titled: write, drift, settings) }
        throw Finding()
    }

    /// Makes a migration that adopts what is live; its down side takes that back.
    private func makeMigration(titled title: String, _ drift: Drift, _ settings: Settings) async throws {
        if let refusal = drift.adopting.refusal { throw refusal }
        guard let plan = drift.adopting.plan else { return }
        let limits = DiffOptions.limits(settings)
        let new = try await MigrationDirectory.addMigration(
            to: settings.migrations,
            layout: settings.layout,
            titled: title,
            hasDown: drift.takingBack.plan != nil,
            statements: NewMigration.Statements(
                up: PlanScript(plan, limits: limits).migration,
                down: drift.takingBack.plan.map { PlanScript($0, limits: limits).migration } ?? ""
            )
        )
        if let warning = new.warning { global.writer.note(warning) }
        let name = new.files.first?.split(separator: "/").last ?? ""
        global.writer.note(
            new.files.map { "made \($0)" }.joined(separator: "\n")
                + "\n  next:  note that this database has it already: `lastro mark \(name) --reason …`; others get it by "
                + "`lastro migrate`"
        )
    }
}

/// The sides of a schema that a user chose.
struct Aspects: ExpressibleByArgument {
    let aspects: Set<DriftScope.Aspect>

    init?(argument: String) {
        var aspects: Set<DriftScope.Aspect> = []
        for name in argument.split(separator: ",") {
            guard let aspect = DriftScope.Aspect(rawValue: String(name.filter { $0 != " " })) else { return nil }
            aspects.insert(aspect)
        }
        guard !aspects.isEmpty else { return nil }
        self.aspects = aspects
    }
}

extension IgnorePatterns: ExpressibleByArgument {
    init?(argument: String) {
        self.init(configString: argument)
    }
}
