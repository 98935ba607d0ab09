import ArgumentParser
import Migrator

struct StatusCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status",
        _superCommandName: Lastro.name,
        abstract: "Show where each migration stands.",
        discussion: """
            STATES
              applied       it ran, and its file is what it was
              pending       it did not run yet
              failed        it did not run: its last attempt failed and was rolled back
              due           it is repeatable, and its file was changed: it runs again
              out-of-order  it did not run, though one behind it did
              unverified    it counts as run, but its file's checksum is not known
              changed       it ran, and its file was edited since
              missing       it ran, and its file is gone
              foreign       its row was put into the history by another hand

            EXAMPLES
              lastro status
              lastro status --schemas 'tenant_*'
              lastro status --format json | jq '.migrations[] | select(.state == "pending").name'
            """
    )

    @OptionGroup var global: GlobalOptions
    @OptionGroup var options: MigratorOptions
    @OptionGroup var many: FanOutOptions

    func run() async throws {
        let settings = try global.settings(options)
        if many.isGiven {
            let fanOut = try await many.fanOut(
                for: settings,
                isDatabaseGiven: global.database != nil,
                options: options.options(for: settings)
            )
            let report = try await FanOutStatusReport(of: fanOut)
            try global.writer.write(report)
            return try report.checkReach()
        }
        let migrator = try await options.migrator(for: settings)
        try global.writer.write(StatusReport(try await migrator.plan(onWait: global.writer.note)))
    }
}
