import ArgumentParser
import Migrator
import Postgres
import SchemaDiff

struct DiffCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "diff",
        abstract: "Compare two schemas, and print the SQL that makes the one into the other.",
        discussion: """
            FROM and TO are each a database URL, a folder of migrations, a file or folder of SQL, a catalog file, \
            git:REVISION:PATH for a folder as it was in that revision, or empty. What is only written down is built on a \
            private server; nothing is made on a database that is read.

            The statements of a plan that may hurt carry hazards. Its SQL can be run once they are allowed by name.

            EXAMPLES
              lastro diff "$DATABASE_URL" migrations
              lastro diff "$DATABASE_URL" schema.sql --format sql --allow-hazards index-build | psql "$DATABASE_URL"
              lastro diff git:main:migrations migrations --format markdown
              lastro diff empty "$DATABASE_URL" --format sql > schema.sql
              lastro diff "$DATABASE_URL" migrations --plan plan.json
              lastro diff --apply plan.json --allow-hazards index-build

            EXIT STATUS
              0  the schemas are equal
              1  they differ
            """
    )

    @OptionGroup var global: GlobalOptions
    @OptionGroup var options: DiffOptions

    @Option(
        help: ArgumentHelp(
            "Make a migration of the plan in the migrations folder, with what takes it back.",
            valueName: "name"
        )
    )
    var write: String?

    @Flag(help: "Try the plan on a copy of FROM with rows of its own making, and say what came out.")
    var prove = false

    @Option(help: ArgumentHelp("Write the plan to a file, for --apply.", valueName: "file"))
    var plan: String?

    @Option(
        help: ArgumentHelp(
            "Carry out a plan that was written with --plan, on the database that it was made for.",
            valueName: "file"
        )
    )
    var apply: String?

    @Argument(help: "What is.")
    var from: String?

    @Argument(help: "What is wanted.")
    var to: String?

    func validate() throws {
        guard apply == nil else {
            guard from == nil else { throw ValidationError("--apply takes a plan, and no schemas to compare") }
            return
        }
        guard from != nil, to != nil else { throw ValidationError("give two schemas: what is, and what is wanted") }
    }

    func run() async throws {
        let settings = try global.settings(formats: [.text, .json, .sql, .markdown, .html])
        if let apply { return try await carryOut(PlanFile(readingFrom: apply), settings) }
        guard let from, let to else { return }
        let comparison = try await options.comparison(from: from, to: to, settings: settings)
        let report = DiffReport(comparison, allowed: options.allowed, limits: DiffOptions.limits(settings))
        try global.writer.write(report)
        if !report.forbidden.isEmpty, global.format == .sql {
            global.writer.note(
                "hazards that are not allowed: \(report.forbidden.joined(separator: ", "))\n"
                    + "  state: nothing was run; the statements are printed as comments\n"
                    + "  next:  allow them with --allow-hazards \(report.forbidden.joined(separator: ","))"
            )
        }
        if prove { try await tryOut(comparison) }
        if let plan { try ProjectFiles.replaceFile(plan, try PlanFile(comparison).text) }
        if let write { return try await makeMigration(titled: write, comparison, settings) }
        if !comparison.isEqual { throw Finding() }
    }

    /// Tries the plan on a copy, and stops where it does not do what it should.
    private func tryOut(_ comparison: SchemaComparison) async throws {
        let proof = try await options.reader().prove(comparison)
        for difference in proof.differences {
            OutputWriter.report("not as wanted after the plan: \(difference)".printable)
        }
        for table in proof.lostRows { OutputWriter.report("not the rows that were there: \(table)".printable) }
        if case .differs(let objects) = proof.observation {
            for object in objects { OutputWriter.report("pg_dump prints other statements for \(object)".printable) }
        }
        guard proof.holds else { throw SchemaDiffError.notProved }
        var words =
            "proved on a copy: the plan leads to what is wanted, and the rows of "
            + "\(Words.count(proof.tablesWithRows, "table")) are there"
        switch proof.observation {
        case .agrees(let reordered):
            words += "\npg_dump prints the same"
            if !reordered.isEmpty {
                words += ", but for the order of columns in \(reordered.joined(separator: ", "))".printable
            }
        case .notMade(let reason): words += "\npg_dump was not asked: \(reason)".printable
        case .differs: break
        }
        global.writer.note(words)
    }

    /// Runs a plan on the configured database.
    private func carryOut(_ file: PlanFile, _ settings: Settings) async throws {
        let application = PlanApplication(
            of: file,
            allowing: options.allowed,
            limits: DiffOptions.limits(settings),
            ignoring: settings.diffIgnore
        )
        let outcome = try await withPostgresConnection(to: try await settings.database(.direct)) { connection in
            try await application(on: connection)
        }
        try global.writer.write(ApplyReport(outcome))
    }

    /// Makes a migration of the plan, and its down side of the plan back.
    private func makeMigration(titled title: String, _ comparison: SchemaComparison, _ settings: Settings) async throws
    {
        guard !comparison.isEqual else { return global.writer.note("nothing differs: no migration was made") }
        let limits = DiffOptions.limits(settings)
        let back = try SchemaComparison(
            from: comparison.to,
            to: comparison.from,
            options: PlanOptions(isOnline: !options.offline)
        )
        let new = try await MigrationDirectory.addMigration(
            to: settings.migrations,
            layout: settings.layout,
            titled: title,
            hasDown: true,
            statements: NewMigration.Statements(
                up: PlanScript(comparison.plan, limits: limits).migration,
                down: PlanScript(back.plan, limits: limits).migration
            )
        )
        if let warning = new.warning { global.writer.note(warning) }
        global.writer.note(new.files.map { "made \($0)" }.joined(separator: "\n"))
    }
}

/// How a plan was carried out.
struct ApplyReport: Report {
    let applied: Bool
    let statements: Int

    init(_ outcome: PlanApplication.Outcome) {
        switch outcome {
        case .applied(let count): (applied, statements) = (true, count)
        case .alreadyThere: (applied, statements) = (false, 0)
        }
    }

    func text(style: TextStyle) -> String {
        applied
            ? "\(Words.count(statements, "statement")) run; the schema is as planned"
            : "nothing to do: the schema is as planned already"
    }
}
