extension CatalogError {
    private static let again = "write it again with `lastro inspect --format json`"

    static func unreadableFile(_ name: String) -> Self {
        Self(.unreadableFile, "\(name): cannot be read", next: "see to it that it is there and can be read")
    }

    static func notACatalogFile(_ name: String) -> Self {
        Self(.damagedFile, "\(name): is no catalog file: a JSON object with a format", next: again)
    }

    static func damagedCatalogFile(_ name: String, _ reason: String) -> Self {
        Self(.damagedFile, "\(name): is no whole catalog file: \(reason)", next: again)
    }

    static func unknownFormat(_ name: String, _ format: Int) -> Self {
        Self(
            .unknownFormat,
            "\(name): has format \(format), and this release reads up to \(CatalogFile.format)",
            next: "take a newer release of Lastro, or " + again
        )
    }

    static func changedMeanwhile(tries: Int) -> Self {
        Self(
            .changedMeanwhile,
            "the schema was changed while it was read, \(tries) times in a row",
            next: "run it again when nobody changes the schema"
        )
    }
}
