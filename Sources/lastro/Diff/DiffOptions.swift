import ArgumentParser
import Migrator
import Postgres
import SchemaDiff

/// The options of commands that compare schemas.
struct DiffOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "The hazards that a plan may have, by name and separated by commas, or all.",
            valueName: "names"
        )
    )
    var allowHazards: AllowedHazards = AllowedHazards(kinds: [])

    @Flag(help: "Plan for a database that nobody uses: indexes are built at once, constraints validated at once.")
    var offline = false

    @Option(help: ArgumentHelp("The server to build schemas on (default: a private one).", valueName: "url"))
    var scratch: String?

    var allowed: Set<Hazard.Kind> { allowHazards.kinds }

    /// How plans are made.
    var planOptions: PlanOptions { PlanOptions(isOnline: !offline) }

    func comparison(
        from: String,
        to: String,
        renames: RenameChoice = RenameChoice(),
        settings: Settings
    ) async throws -> SchemaComparison {
        var reader = try reader()
        reader.migratorOptions.layout = settings.layout
        reader.migratorOptions.placeholders = settings.placeholders
        return try await reader.comparison(
            try await SchemaSource(from),
            try await SchemaSource(to),
            renames: renames,
            ignoring: settings.diffIgnore,
            options: planOptions
        )
    }

    /// What reads and builds schemas.
    func reader() throws -> SchemaReader {
        var reader = SchemaReader()
        reader.scratch = try scratch.map { try ConnectionSettings($0) }
        return reader
    }

    /// How long the statements of a plan may wait and work.
    static func limits(_ settings: Settings) -> PlanScript.Limits {
        var limits = PlanScript.Limits()
        if let limit = settings.lockTimeout { limits.lock = limit.duration ?? .zero }
        if let limit = settings.statementTimeout {
            limits.statement = limit.duration ?? .zero
            limits.longStatement = limits.statement
        }
        return limits
    }
}

/// The hazards that a user allows.
struct AllowedHazards: ExpressibleByArgument {
    let kinds: Set<Hazard.Kind>

    init(kinds: Set<Hazard.Kind>) {
        self.kinds = kinds
    }

    init?(argument: String) {
        if argument == "all" {
            kinds = Set(Hazard.Kind.allCases)
            return
        }
        var kinds: Set<Hazard.Kind> = []
        for name in argument.split(separator: ",") {
            guard let kind = Hazard.Kind(rawValue: String(name.filter { $0 != " " })) else { return nil }
            kinds.insert(kind)
        }
        guard !kinds.isEmpty else { return nil }
        self.kinds = kinds
    }

    var defaultValueDescription: String { "none" }
}
