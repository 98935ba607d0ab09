import SQLSyntax

/// How a fan-out can end before its end, in words.
extension MigratorError {
    static func targetsFailed(_ summary: FanOutSummary, code: Code, noun: String) -> MigratorError {
        let words = "\(summary.failed.count) of \(counted(summary.count, noun)) failed: \(summary.failed.shortened)"
        return MigratorError(
            code,
            words,
            state: summary.standing,
            next: "mend what each of them says, and run again: what is finished is skipped"
        )
    }

    static func fanOutInterrupted(_ summary: FanOutSummary, noun: String) -> MigratorError {
        let stopped = summary.failed.isEmpty ? "" : "; under way, or failed before: \(summary.failed.shortened)"
        return MigratorError(
            .interrupted,
            "the run over \(counted(summary.count, noun)) was interrupted\(stopped)",
            state: "what was under way was rolled back, or is on record as far as it came; \(summary.standing)",
            next: "run again: it goes on from there"
        )
    }

    static func noSchemaFits(_ patterns: [SchemaPattern]) -> MigratorError {
        MigratorError(
            .noTarget,
            "no schema fits \(patterns.map(\.description).joined(separator: ", "))",
            state: nothingWasRun,
            next: "name schemas that are there; * stands for any characters, ? for one"
        )
    }

    static func sharedHistory(_ name: HistoryTableName) -> MigratorError {
        let name = QualifiedName(schema: name.schema, name: name.name)
        return MigratorError(
            .sharedHistory,
            "all schemas would have their history in one table, \(name)",
            state: nothingWasRun,
            next: "give the table's name without a schema: each schema then has one of its own"
        )
    }

    static func unknownCanary(_ name: String, noun: String) -> MigratorError {
        MigratorError(
            .noTarget,
            "the canary \(name) is none of the \(noun)s",
            state: nothingWasRun,
            next: "name one of them, or how many of them go first"
        )
    }

    private static func counted(_ number: Int, _ noun: String) -> String {
        "\(number) \(noun)\(number == 1 ? "" : "s")"
    }
}

extension FanOutSummary {
    /// `37 are migrated, 1 was up to date already, 3 were not begun`.
    fileprivate var standing: String {
        func part(_ count: Int, _ one: String, _ many: String) -> String? {
            count == 0 ? nil : "\(count) \(count == 1 ? one : many)"
        }
        let idle = deed == .migrated ? "up to date already" : "as it should be already"
        let parts = [
            part(migratedCount, "is \(deed.words)", "are \(deed.words)"),
            part(upToDateCount, "was \(idle)", "were \(idle)"),
            part(notBegunCount, "was not begun", "were not begun"),
        ].compactMap { $0 }
        return parts.isEmpty ? "none is \(deed.words)" : parts.joined(separator: ", ")
    }
}

extension FanOutSummary.Deed {
    /// What was done, as in *three are taken back*.
    public var words: String { self == .undone ? "taken back" : rawValue }
}

extension [String] {
    /// The first ten, and how many more there are.
    fileprivate var shortened: String {
        prefix(10).joined(separator: ", ") + (count > 10 ? " and \(count - 10) more" : "")
    }
}
