import SourceText

/// What can be wrong with the parts, directives and placeholders of a file, in words.
extension MigratorError {
    static func missingSection(_ section: MigrationSource.Section, path: String) -> MigratorError {
        let marker =
            switch section {
            case .dbmateUp: "-- migrate:up"
            case .dbmateDown: "-- migrate:down"
            case .gooseUp: "-- +goose Up"
            default: "-- +goose Down"
            }
        let isDown = section == .dbmateDown || section == .gooseDown
        return MigratorError(
            isDown ? .noDownFile : .missingMarker,
            "the file has no line `\(marker)`",
            at: SourceLocation(file: path),
            state: nothingWasRun,
            next: isDown
                ? "write what takes it back below such a line, or put the change into a new migration"
                : "put it above the first statement; what stands above such a line is never run"
        )
    }

    static func sectionTwice(_ marker: String, at location: SourceLocation) -> MigratorError {
        MigratorError(
            .missingMarker,
            "`\(marker)` is there twice",
            at: location,
            state: nothingWasRun,
            next: "put the two parts into one"
        )
    }

    static func statementOutsideSections(at location: SourceLocation) -> MigratorError {
        MigratorError(
            .missingMarker,
            "the statement stands above the first marker, so it belongs to no part of the file",
            at: location,
            state: nothingWasRun,
            next: "move it below the marker"
        )
    }

    static func unknownAnnotation(_ words: String, at location: SourceLocation) -> MigratorError {
        let known = ["Up", "Down", "StatementBegin", "StatementEnd", "NO TRANSACTION"]
        let isSubstitution = words.uppercased().hasPrefix("ENVSUB")
        return MigratorError(
            .missingMarker,
            "`+goose \(words)` is not read",
            at: location,
            state: nothingWasRun,
            next: isSubstitution
                ? "write the values out, or give them as placeholders"
                : known.nearest(to: words).map { "perhaps `+goose \($0)` is meant" } ?? "take it out"
        )
    }

    static func unknownWord(
        _ word: String,
        isNo what: String,
        known: [String],
        at location: SourceLocation
    ) -> MigratorError {
        MigratorError(
            .invalidDirective,
            "\"\(word)\" is no \(what)",
            at: location,
            state: nothingWasRun,
            next: known.nearest(to: word).map { "perhaps \($0) is meant" }
                ?? "there are: \(known.joined(separator: ", "))"
        )
    }

    static func invalidDirective(_ what: String, at location: SourceLocation, next: String) -> MigratorError {
        MigratorError(.invalidDirective, what, at: location, state: nothingWasRun, next: next)
    }

    static func lateDirective(_ word: String, at location: SourceLocation) -> MigratorError {
        MigratorError(
            .invalidDirective,
            "\(word) stands below the first statement, where it would be overlooked",
            at: location,
            state: nothingWasRun,
            next: "move it to the comments at the head of the file"
        )
    }

    static func surplus(_ word: String, behind directive: String, at location: SourceLocation) -> MigratorError {
        MigratorError(
            .invalidDirective,
            "\"\(word)\" is too much behind \(directive)",
            at: location,
            state: nothingWasRun,
            next: "put what is a remark on a line of its own"
        )
    }

    static func unknownPlaceholder(_ name: String, known: [String], at location: SourceLocation) -> MigratorError {
        MigratorError(
            .unknownPlaceholder,
            "the placeholder ${\(name)} has no value",
            at: location,
            state: nothingWasRun,
            next: known.nearest(to: name).map { "perhaps ${\($0)} is meant" }
                ?? (known.isEmpty ? "give it a value in the settings" : "there are: \(known.joined(separator: ", "))")
        )
    }

    static func requiresUnknown(_ name: String, known: [String], at location: SourceLocation) -> MigratorError {
        MigratorError(
            .unmetRequirement,
            "requires \(name), and no migration is called so",
            at: location,
            state: nothingWasRun,
            next: known.nearest(to: name).map { "perhaps \($0) is meant" } ?? "`lastro status` lists them"
        )
    }

    static func requiresLater(_ name: String, at location: SourceLocation) -> MigratorError {
        MigratorError(
            .unmetRequirement,
            "requires \(name), which does not come before it",
            at: location,
            state: nothingWasRun,
            next: "give the one that ran nowhere yet a place that fits"
        )
    }
}
