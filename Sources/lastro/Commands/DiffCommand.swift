import ArgumentParser
import Migrator
import Postgres
import ProjectSettings
import SchemaDiff

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

struct DiffCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "diff",
        abstract: "Compare two schemas, and print the SQL that makes the one into the other.",
        discussion: """
            FROM and TO are each a database URL, a folder of migrations, a file or folder of SQL, a catalog file, \
            git:REVISION:PATH for a folder as it was in that revision, or empty. What is only written down is built on a \
            private server; nothing is made on a database that is read.

            An object that is gone and one like it under another name may be one: the plan drops and creates, says so beside \
            it, and renames instead where that is said with --accept-rename or --renames auto, or in the SQL of TO with a \
            comment `-- lastro: renamed-from NAME` above the statement or the column.

            The statements of a plan that may hurt carry hazards. Its SQL can be run once they are allowed by name.

            EXAMPLES
              lastro diff "$DATABASE_URL" migrations
              lastro diff "$DATABASE_URL" schema.sql --format sql --allow-hazards index-build | psql "$DATABASE_URL"
              lastro diff git:main:migrations migrations --format markdown
              lastro diff empty "$DATABASE_URL" --format sql > schema.sql
              lastro diff "$DATABASE_URL" schema.sql --accept-rename public.users=accounts
              lastro diff "$DATABASE_URL" migrations --plan plan.json
              lastro diff --apply plan.json --allow-hazards index-build
              lastro diff --pull db "$DATABASE_URL"

            EXIT STATUS
              0  the schemas are equal
              1  they differ; with --pull, files were written or removed
            """
    )

    @OptionGroup var global: GlobalOptions
    @OptionGroup var options: DiffOptions
    @OptionGroup var renaming: RenameOptions

    @Option(
        help: ArgumentHelp(
            "Make a migration of the plan in the migrations folder, with what takes it back.",
            valueName: "name"
        )
    )
    var write: String?

    @Flag(
        help: "Make the folder of SQL that FROM is what TO is: the files of objects that differ are written or removed."
    )
    var pull = false

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
        if pull, prove || write != nil || plan != nil || !renaming.accepted.isEmpty {
            throw ValidationError("--pull changes files alone, and goes with no plan")
        }
        guard from != nil, to != nil else { throw ValidationError("give two schemas: what is, and what is wanted") }
    }

    func run() async throws {
        let settings = try global.settings(formats: [.text, .json, .sql, .markdown, .html])
        if let apply { return try await carryOut(PlanFile(readingFrom: apply), settings) }
        guard let from, let to else { return }
        if pull { return try await update(from, to, settings) }
        let comparison = try await options.comparison(
            from: from,
            to: to,
            renames: renaming.choice,
            settings: settings
        )
        let report = DiffReport(comparison, allowed: options.allowed, limits: DiffOptions.limits(settings))
        try global.writer.write(report)
        if !report.forbidden.isEmpty, global.format == .sql {
            global.writer.note(
                "hazards that are not allowed: \(report.forbidden.joined(separator: ", "))\n"
                    + "  state: nothing was run; the statements are printed as comments\n"
                    + "  next:  allow them with --allow-hazards \(report.forbidden.joined(separator: ","))"
            )
        }
        if !comparison.isRenamingChecked {
            global.writer.note(
                "what names the renamed objects cannot be made on a scratch server: names were replaced in the texts as "
                    + "they are; give one that has what it takes with --scratch"
            )
        }
        if prove { try await tryOut(comparison) }
        if let plan { try ProjectFiles.replaceFile(plan, try PlanFile(comparison).text) }
        if let write { return try await makeMigration(titled: write, comparison, settings) }
        if !comparison.isEqual { throw Finding() }
    }

    /// Makes a folder what a schema is.
    private func update(_ folder: String, _ source: String, _ settings: Settings) async throws {
        guard case .sql(let path) = try await SchemaSource(folder), path.isFolder else {
            throw ConfigurationError.noFolder(folder)
        }
        let writer = SchemaFolderWriter(path)
        try await writer.whileLocked {
            let comparison = try await options.comparison(from: "sql:" + path, to: source, settings: settings)
            let files = try writer.pull(
                from: SchemaFolder(of: comparison.from),
                to: SchemaFolder(of: comparison.to)
            )
            try global.writer.write(SchemaFolderReport(folder: path, files: files))
            if !comparison.isEqual || !files.isEmpty { throw Finding() }
        }
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
        let back = try await options.reader().reversal(of: comparison, options: options.planOptions)
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

extension String {
    /// Whether a folder is there.
    fileprivate var isFolder: Bool {
        var isFolder = false
        return FileManager.default.fileExists(atPath: self, isDirectory: &isFolder) && isFolder
    }
}
