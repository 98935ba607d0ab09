import SourceText

/// What can be wrong with the names in a folder, in words.
extension MigratorError {
    static func misnamedFiles(_ names: [String], layout: MigrationLayout, in path: String) -> MigratorError {
        MigratorError(
            .misnamedFile,
            "\(names.joined(separator: ", ")): \(layout.rule)",
            at: SourceLocation(file: path),
            state: nothingWasRun,
            next: "rename \(names.count == 1 ? "it" : "them"), or move what is no migration to another folder"
        )
    }

    static func mixedLayouts(_ found: [(layout: MigrationLayout, files: [String])], in path: String) -> MigratorError {
        let parts = found.map { layout, files in
            let more = files.count > 3 ? " and \(files.count - 3) more" : ""
            return "\(layout.rawValue) (\(files.prefix(3).joined(separator: ", "))\(more))"
        }
        return MigratorError(
            .mixedLayouts,
            "the files follow \(found.count == 2 ? "two" : "several") layouts: \(parts.joined(separator: " and "))",
            at: SourceLocation(file: path),
            state: nothingWasRun,
            next: "keep one layout in a folder; if all of it is one, name it in the setting `layout`"
        )
    }

    static func duplicateVersion(_ version: MigrationVersion, files: [String], in path: String) -> MigratorError {
        MigratorError(
            .duplicateVersion,
            "\(inWords(files)) have one version, \(version)",
            at: SourceLocation(file: path),
            state: nothingWasRun,
            next: "give the one that ran nowhere yet the next free number"
        )
    }

    static func namesDifferInCaseOnly(_ files: [String], in path: String) -> MigratorError {
        MigratorError(
            .duplicateVersion,
            "\(inWords(files)) differ in upper and lower case only",
            at: SourceLocation(file: path),
            state: nothingWasRun,
            next: "rename the one that ran nowhere yet: not every disk tells them apart"
        )
    }

    static func duplicateHook(files: [String], in path: String) -> MigratorError {
        MigratorError(
            .duplicateHook,
            "\(inWords(files)) run at the same moment",
            at: SourceLocation(file: path),
            state: nothingWasRun,
            next: "put them into one file"
        )
    }

    static func withoutMigration(_ names: [String], in path: String) -> MigratorError {
        let isVerify = names.allSatisfy { $0.hasSuffix(".verify.sql") }
        return MigratorError(
            .downWithoutMigration,
            "\(names.joined(separator: ", ")): there is no migration of that name to \(isVerify ? "check" : "take back")",
            at: SourceLocation(file: path),
            state: nothingWasRun,
            next: "name it like its migration, with \(isVerify ? ".verify.sql" : ".down.sql") at the end"
        )
    }

    static func invalidPlan(_ what: String, at location: SourceLocation) -> MigratorError {
        MigratorError(
            .invalidPlan,
            what,
            at: location,
            state: nothingWasRun,
            next: "see whether `sqitch plan` reads the file"
        )
    }

    static func planNamesMissingFiles(_ files: [String], at location: SourceLocation) -> MigratorError {
        MigratorError(
            .missingFile,
            "the plan names \(files.count == 1 ? "a change whose file is" : "changes whose files are") not there: "
                + files.joined(separator: ", "),
            at: location,
            state: nothingWasRun,
            next: "bring \(files.count == 1 ? "it" : "them") back, or take the change out of the plan"
        )
    }

    static func unusableTitle(_ title: String) -> MigratorError {
        MigratorError(
            .unusableTitle,
            title.isEmpty ? "the title is empty" : "\"\(title)\" holds no letter and no digit for a file name",
            state: "no file was made",
            next: "say in a few words what the migration does"
        )
    }

    static func titleTooLong(bytes: Int) -> MigratorError {
        MigratorError(
            .unusableTitle,
            "the title makes a file name of \(bytes) bytes, and 255 are the most",
            state: "no file was made",
            next: "say in a few words what the migration does; the rest can be a comment in the file"
        )
    }

    static func suffixInCapitals(_ names: [String], in path: String) -> MigratorError {
        MigratorError(
            .misnamedFile,
            "\(names.joined(separator: ", ")): the ending of a file of SQL is .sql, in small letters",
            at: SourceLocation(file: path),
            state: nothingWasRun,
            next: "rename \(names.count == 1 ? "it" : "them"), or move what is no migration to another folder"
        )
    }

    static func cannotAdd(to layout: MigrationLayout, in path: String) -> MigratorError {
        MigratorError(
            .unsupportedLayout,
            "Lastro does not write the plan of \(layout.rawValue)",
            at: SourceLocation(file: path),
            state: "no file was made",
            next: "add the change with `sqitch add NAME`"
        )
    }

    private static func inWords(_ names: [String]) -> String {
        names.count < 3
            ? names.joined(separator: " and ")
            : names.dropLast().joined(separator: ", ") + " and " + (names.last ?? "")
    }
}
