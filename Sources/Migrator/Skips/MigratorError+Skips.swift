import SourceText

/// What a guarded statement found in its place, in words.
extension MigratorError {
    static func skippedStatementDiffers(
        _ skip: SkipCheck.Skip,
        others: [SourceLocation],
        statement: (number: Int, count: Int),
        at location: SourceLocation,
        behind failure: String?,
        state: String
    ) -> MigratorError {
        let declaration = skip.declaration
        var lines = [
            "statement \(statement.number) of \(statement.count): \(declaration.object) was there already, so "
                + "\(declaration.words) left it as it was, and it is not as declared:"
        ]
        lines += skip.differences.map { "  \($0.words)" }
        if let failure { lines.append("  what failed behind it: \(failure.replacing("\n", with: "\n  "))") }
        if !others.isEmpty {
            lines.append("  so it is at \(others.map(\.description).joined(separator: ", "))")
        }
        let remedies = skip.differences.compactMap(\.remedy)
        let next =
            remedies.isEmpty
            ? "write what is to become of the object that is there" : "write instead, or before it:"
        return MigratorError(
            .skippedStatement,
            lines.joined(separator: "\n"),
            at: location,
            state: state,
            next: ([next] + remedies.uniqued().map { "       \($0);" }
                + [
                    (remedies.isEmpty ? "       or" : "       or, if the difference is meant,")
                        + " run with --on-skip warn"
                ]).joined(separator: "\n")
        )
    }
}

extension [String] {
    /// The texts, each once, in their order.
    fileprivate func uniqued() -> [String] {
        var seen: Set<String> = []
        return filter { seen.insert($0).inserted }
    }
}
