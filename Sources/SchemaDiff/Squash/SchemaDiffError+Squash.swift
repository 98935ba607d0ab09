extension SchemaDiffError {
    static func notSquashed(_ what: String, next: String) -> Self {
        Self(.notSquashed, what, state: "no file was changed", next: next)
    }

    static func squashDiffers(_ differences: [String]) -> Self {
        let shown = differences.prefix(10).joined(separator: "\n  ")
        let more = differences.count > 10 ? "\n  and \(differences.count - 10) more" : ""
        return notSquashed(
            "one file does not lead to what these migrations lead to:\n  \(shown)\(more)",
            next:
                "squash up to an earlier migration, or move what differs into a migration behind the last one to squash"
        )
    }

    static func squashNotBuilt(_ message: String) -> Self {
        notSquashed(
            "one file in the place of these migrations does not run: \(message)",
            next: "squash up to an earlier migration; `--dry-run` with a lower --to shows how far it goes"
        )
    }
}
