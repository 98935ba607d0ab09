import ArgumentParser
import Migrator
import SourceText

struct VerifyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify",
        _superCommandName: Lastro.name,
        abstract: "Check the files against lastro.sum and what ran on the database.",
        discussion: """
            Finds applied files that were edited or are gone, rows of the history that another hand wrote, and pending \
            migrations before an applied one; files that differ from lastro.sum, are missing or new, and a lastro.sum \
            that was merged without a look; with --offline also files that migrate would refuse to run. Exit status 1 if there are any; pending migrations are none.

            EXAMPLES
              lastro verify
              lastro verify --offline            the files and lastro.sum only; needs no database
              lastro verify --write              write lastro.sum for the files as they are
              lastro verify --schemas 'tenant_*'
              lastro verify --format json
            """
    )

    @OptionGroup var global: GlobalOptions
    @OptionGroup var options: MigratorOptions
    @OptionGroup var many: FanOutOptions

    @Flag(help: "Check the files and lastro.sum only, without a database.")
    var offline = false

    @Flag(help: "Write lastro.sum for the files as they are, without a database.")
    var write = false

    func validate() throws {
        if many.isGiven, offline || write {
            throw ValidationError("--offline and --write look at the folder alone, and at no databases or schemas")
        }
    }

    func run() async throws {
        let settings = try global.settings(options)
        if many.isGiven {
            let fanOut = try await many.fanOut(
                for: settings,
                isDatabaseGiven: global.database != nil,
                options: options.options(for: settings)
            )
            let report = try await FanOutStatusReport(of: fanOut, isVerification: true)
            try global.writer.write(report)
            try report.checkReach()
            if report.hasProblems { throw Finding() }
            return
        }
        if offline || write {
            let directory = try await MigrationDirectory(readingFrom: settings.migrations, layout: settings.layout)
            if write {
                try global.writer.write(FilesReport(files: [try directory.writeSum()].compactMap(\.self)))
            } else {
                let refused = await directory.scriptProblems(placeholders: settings.placeholders)
                try finish(VerifyReport(directory, refused: refused))
            }
        } else {
            let migrator = try await options.migrator(for: settings)
            try finish(VerifyReport(try await migrator.plan(onWait: global.writer.note)))
        }
    }

    private func finish(_ report: VerifyReport) throws {
        try global.writer.write(report)
        if !report.problems.isEmpty { throw Finding() }
    }
}

/// What is wrong between the files and the history.
struct VerifyReport: Report {
    let problems: [Problem]
    let unverified: [String]
    let checked: Int

    /// One thing that is wrong.
    struct Problem: Encodable {
        let code: String
        let file: String?
        let line: Int?
        let column: Int?
        let message: String
        let next: String

        init(_ error: MigratorError) {
            code = error.code.rawValue
            file = error.location?.file
            line = error.location?.position?.line
            column = error.location?.position?.column
            message = error.message
            next = error.next
        }

        /// `file:line:column: `, as far as it is known.
        var place: String {
            [file, line.map(String.init), column.map(String.init)].compactMap { $0.map { "\($0):" } }.joined()
                + (file == nil ? "" : " ")
        }
    }

    init(_ directory: MigrationDirectory, refused: [MigratorError]) {
        problems = (directory.sumProblems + refused).map(Problem.init)
        unverified = []
        checked = directory.migrations.count + directory.repeatables.count
    }

    init(_ plan: Plan) {
        problems = plan.problems.map(Problem.init)
        unverified = plan.statuses.filter { $0.state == .unverified }.map(\.name)
        checked = plan.statuses.count
    }

    func text(style: TextStyle) -> String {
        var lines = problems.map { problem in
            style.bad(problem.code) + "  \(problem.place)\(problem.message)\n  next:  \(problem.next)".printable
        }
        if !unverified.isEmpty {
            lines.append(
                "\(style.warning("unverified"))  \(unverified.map(\.printableLine).joined(separator: ", "))\n"
                    + "  next:  compare them with the database, then note their checksums with `lastro repair`"
            )
        }
        lines.append("\(Words.count(checked, "migration")) checked, \(Words.count(problems.count, "problem"))")
        return lines.joined(separator: "\n")
    }
}
