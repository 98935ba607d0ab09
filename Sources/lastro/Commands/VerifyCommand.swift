import ArgumentParser
import Migrator
import SourceText

struct VerifyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify",
        abstract: "Check the files against what ran on the database.",
        discussion: """
            Finds applied files that were edited or are gone, rows of the history that another hand wrote, and pending \
            migrations below an applied one. Exit status 1 if there are any; pending migrations are none.

            EXAMPLES
              lastro verify
              lastro verify --format json
            """
    )

    @OptionGroup var global: GlobalOptions
    @OptionGroup var options: MigratorOptions

    func run() async throws {
        let migrator = try await options.migrator(for: try global.settings(options))
        let report = VerifyReport(try await migrator.plan())
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
        let message: String
        let next: String
    }

    init(_ plan: Plan) {
        problems = plan.problems.map { error in
            Problem(code: error.code.rawValue, file: error.location?.file, message: error.message, next: error.next)
        }
        unverified = plan.statuses.filter { $0.state == .unverified }.map(\.name)
        checked = plan.statuses.count
    }

    func text(style: TextStyle) -> String {
        var lines = problems.map { problem in
            "\(style.bad(problem.code))  \(problem.file.map { "\($0): " } ?? "")\(problem.message)\n  next:  \(problem.next)"
        }
        if !unverified.isEmpty {
            lines.append(
                "\(style.warning("unverified"))  \(unverified.joined(separator: ", "))\n"
                    + "  next:  compare them with the database, then note their checksums with `lastro repair`"
            )
        }
        lines.append("\(Words.count(checked, "migration")) checked, \(Words.count(problems.count, "problem"))")
        return lines.joined(separator: "\n")
    }
}
