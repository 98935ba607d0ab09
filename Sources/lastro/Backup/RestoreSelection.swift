import ArgumentParser
import Backup
import ProjectSettings

/// The options that say what of a snapshot is restored.
struct RestoreSelection: ParsableArguments {
    @Flag(help: "Put the database into the place of the one that is there, which is kept under another name.")
    var replace = false

    @Flag(help: "Restore no rows.")
    var schemaOnly = false

    @Flag(help: "Restore rows only, into tables that are there and empty.")
    var dataOnly = false

    @Option(
        help: ArgumentHelp(
            "Restore these tables only, with what lies on them; TABLE or SCHEMA.TABLE, * and ? fit anything.",
            valueName: "name,…"
        )
    )
    var tables: [String] = []

    @Option(help: ArgumentHelp("Restore into a schema of this name, which is made.", valueName: "name"))
    var intoSchema: String?

    @Option(help: ArgumentHelp("Go up to a point: pre-data, data, post-data (default).", valueName: "step"))
    var point = Word(RestoreOptions.Point.postData)

    @Flag(help: "Leave out owners and privileges: everything belongs to who restores.")
    var noOwner = false

    @Option(
        name: .customLong("map-role"),
        help: ArgumentHelp("Put another role into a role's place; may be repeated.", valueName: "old=new")
    )
    var roleMap: [String] = []

    @Option(
        help: ArgumentHelp(
            "Roles that are made when they are missing: none, missing (without rights over the server, the default), full.",
            valueName: "which"
        )
    )
    var roles = Word(RestoreOptions.Roles.missing)

    @Option(
        help: ArgumentHelp("Schemas in which functions and views find unqualified names.", valueName: "schema,…")
    )
    var searchPath: String?

    @Flag(help: "Leave materialized views empty that cannot be filled, and checks NOT VALID that cannot be evaluated.")
    var lenient = false

    @Flag(help: "Read every table again to compare it, in place of having the server hash the rows that it can.")
    var readBack = false

    @Flag(help: "Gather no statistics: leave that to autovacuum, as pg_restore does.")
    var noAnalyze = false

    /// The options for the library.
    func options() throws -> RestoreOptions {
        var options = RestoreOptions()
        options.replaces = replace
        options.isSchemaOnly = schemaOnly
        options.isDataOnly = dataOnly
        options.tables = tables.flatMap { $0.split(separator: ",").map(String.init) }
        options.schema = intoSchema
        options.point = point.value
        options.keepsOwners = !noOwner
        options.roles = roles.value
        options.searchPath = searchPath?.split(separator: ",").map(String.init) ?? []
        options.isLenient = lenient
        options.readsBack = readBack
        options.analyses = !noAnalyze
        for pair in roleMap {
            let names = pair.split(separator: "=", maxSplits: 1).map(String.init)
            guard names.count == 2 else {
                throw ConfigurationError("--map-role \(pair): that is no pair", next: "write --map-role OLD=NEW")
            }
            options.roleMap[names[0]] = names[1]
        }
        return options
    }
}

/// A word of the command line that stands for a value of the library's.
struct Word<Value: RawRepresentable & CaseIterable & Sendable>: ExpressibleByArgument where Value.RawValue == String {
    let value: Value

    init(_ value: Value) {
        self.value = value
    }

    init?(argument: String) {
        guard let value = Value(rawValue: argument) else { return nil }
        self.init(value)
    }

    var defaultValueDescription: String { value.rawValue }

    static var allValueStrings: [String] { Value.allCases.map(\.rawValue) }
}
