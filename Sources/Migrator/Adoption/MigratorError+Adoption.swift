import SourceText

extension MigratorError.Code {
    /// No history of another tool is there, or none that Lastro can read.
    public static let unknownHistory = Self(rawValue: "unknown-history")
    /// Another tool's history has rows, and there is none of Lastro's.
    public static let otherHistory = Self(rawValue: "other-history")
    /// Several tools have a history on the database.
    public static let ambiguousHistory = Self(rawValue: "ambiguous-history")
    /// Another tool's history says that a migration failed half way.
    public static let dirtyHistory = Self(rawValue: "dirty-history")
    /// The history says nothing of the files, so that somebody has to say where it stands.
    public static let baselineNeeded = Self(rawValue: "baseline-needed")
}

/// Why another tool's history is not adopted, in words.
extension MigratorError {
    private static let nothingWasChanged = "nothing was changed"
    private static let readableTools = AdoptionTool.allCases.map(\.rawValue).joined(separator: ", ")

    static func noHistory(in schemas: [String], tool: AdoptionTool?) -> MigratorError {
        let whose = tool.map { "no history of \($0.title)" } ?? "no history of another tool"
        return MigratorError(
            .unknownHistory,
            "\(whose) was found in \(schemas.isEmpty ? "the search_path" : schemas.joined(separator: ", "))",
            state: nothingWasChanged,
            next: "name its table with --table SCHEMA.NAME; for a database that was made without a tool there is "
                + "`lastro baseline`"
        )
    }

    static func otherHistory(_ table: String, of tool: AdoptionTool) -> MigratorError {
        MigratorError(
            .otherHistory,
            "\(table) says what \(tool.title) ran on this database, and nothing is on record for Lastro: all of it would run again",
            state: nothingWasRun,
            next:
                "import it with `lastro adopt`; if it is about other migrations, say so with `lastro baseline`, or name a table "
                + "for Lastro's own history with `--history-table`"
        )
    }

    static func noTable(_ name: String) -> MigratorError {
        MigratorError(
            .unknownHistory,
            "there is no table \(name)",
            state: nothingWasChanged,
            next: "name it as SCHEMA.NAME, or leave --table out to have it looked for"
        )
    }

    static func unknownHistory(_ table: String, columns: [String], tool: AdoptionTool?) -> MigratorError {
        MigratorError(
            .unknownHistory,
            "\(table) (\(columns.joined(separator: ", "))) is no history of \(tool?.title ?? "a tool that Lastro knows")",
            state: nothingWasChanged,
            next: "the histories that can be read are those of \(readableTools); for another one say with "
                + "`lastro baseline NAME` how far the database is"
        )
    }

    static func severalHistories(_ histories: [(table: String, tool: AdoptionTool)]) -> MigratorError {
        MigratorError(
            .ambiguousHistory,
            "there are several histories: "
                + histories.map { "\($0.table) (\($0.tool.rawValue))" }.joined(separator: ", "),
            state: nothingWasChanged,
            next: "say which one with --from TOOL or --table SCHEMA.NAME"
        )
    }

    static func severalProjects(_ projects: [String], in table: String) -> MigratorError {
        MigratorError(
            .ambiguousHistory,
            "\(table) holds several projects: \(projects.joined(separator: ", "))",
            state: nothingWasChanged,
            next: "say which one's changes the files are with --project NAME"
        )
    }

    static func unknownProject(_ project: String, among projects: [String], in table: String) -> MigratorError {
        MigratorError(
            .unknownHistory,
            "\(table) holds no project \(project)",
            state: nothingWasChanged,
            next: projects.isEmpty ? "it holds none yet" : "it holds \(projects.joined(separator: ", "))"
        )
    }

    /// A migration that the other tool did not finish.
    static func dirty(_ label: String, in table: String, how: String, next: String) -> MigratorError {
        MigratorError(.dirtyHistory, "\(table): \(label) \(how)", state: nothingWasChanged, next: next)
    }

    static func changedSince(
        _ tool: AdoptionTool,
        file: AdoptionFile,
        applied: String,
        found: String
    ) -> MigratorError {
        MigratorError(
            .checksumMismatch,
            "changed after \(tool.title) ran it: \(tool.title)'s checksum is \(found), in its history \(applied)",
            at: SourceLocation(file: file.path, position: SourcePosition(line: 1, column: 1)),
            state: nothingWasChanged,
            next: "restore the file that ran, or take the files as they are with --trust-files"
        )
    }

    static func sameFile(_ file: AdoptionFile, labels: [String], in table: String) -> MigratorError {
        MigratorError(
            .unusableHistory,
            "\(table): \(labels.joined(separator: " and ")) stand for one file, \(file.name)",
            at: SourceLocation(file: file.path),
            state: nothingWasChanged,
            next: "bring the other file back, or say with --at NAME how far the database is"
        )
    }

    static func manyVersions(_ count: Int, in table: String) -> MigratorError {
        MigratorError(
            .unusableHistory,
            "\(table) has \(count) rows, and golang-migrate keeps one",
            state: nothingWasChanged,
            next: "find out which version the database is at, and say so with --at NAME"
        )
    }

    static func baselineNeeded(_ tool: AdoptionTool, revisions: [String]) -> MigratorError {
        let revisions = revisions.isEmpty ? "nothing" : revisions.joined(separator: ", ")
        return MigratorError(
            .baselineNeeded,
            "the history of \(tool.title) holds \(revisions), which says nothing of the files",
            state: nothingWasChanged,
            next: "name the last migration whose work the database holds with --at NAME"
        )
    }

    static func baselineInPlace(_ table: String) -> MigratorError {
        MigratorError(
            .wrongState,
            "\(table) becomes Lastro's own with its rows, so it cannot begin at a baseline",
            state: nothingWasChanged,
            next: "leave --at out, and `lastro mark` what the rows do not say"
        )
    }

    static func alreadyAdopted(_ table: HistoryTable, rows: Int) -> MigratorError {
        MigratorError(
            .wrongState,
            "\(table.schema).\(table.name) has \(rows == 1 ? "a row" : "\(rows) rows") already: a history is adopted "
                + "before anything else is written to it",
            state: nothingWasChanged,
            next: "`lastro status` shows what it holds; mark single migrations with `lastro mark NAME --reason …`"
        )
    }

    static func historyMovedOn(_ table: String) -> MigratorError {
        MigratorError(
            .wrongState,
            "\(table) or the files changed after the plan was made",
            state: nothingWasChanged,
            next: "see to it that the other tool is at rest, look at the new plan, and adopt again"
        )
    }
}
