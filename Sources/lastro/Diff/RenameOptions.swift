import ArgumentParser
import SchemaDiff

/// What the command line says of objects that are one under two names.
struct RenameOptions: ParsableArguments {
    @Option(
        name: .customLong("accept-rename"),
        parsing: .singleValue,
        help: ArgumentHelp(
            "Take an object of FROM for the one of another name in TO, and rename it; may be repeated.",
            valueName: "old=new"
        )
    )
    var accepted: [String] = []

    @Option(help: ArgumentHelp("Propose the renames that are found, or take them.", valueName: "propose|auto"))
    var renames = RenameRule.propose

    /// What is done with renames that nobody said.
    enum RenameRule: String, ExpressibleByArgument, CaseIterable {
        case propose
        case auto
    }

    var choice: RenameChoice { RenameChoice(accepted: accepted, isAutomatic: renames == .auto) }
}
