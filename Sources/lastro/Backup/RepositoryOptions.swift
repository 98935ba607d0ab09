import ArgumentParser
import Backup

/// The options of commands that work on a repository.
struct RepositoryOptions: ParsableArguments {
    @Option(help: ArgumentHelp("The folder that holds the snapshots, or s3://BUCKET/PREFIX.", valueName: "place"))
    var repository: String

    @Option(
        help: ArgumentHelp("The server of an object store (default: Amazon's own of the region).", valueName: "url")
    )
    var endpoint: String?

    @Option(help: ArgumentHelp("The region of an object store (default: AWS_REGION, us-east-1).", valueName: "name"))
    var region: String?

    @Option(
        help: ArgumentHelp(
            "A file with the key of an object store (default: AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY).",
            valueName: "file"
        )
    )
    var credentials: String?

    @Option(
        name: .customLong("trust"),
        help: ArgumentHelp(
            "Who may have signed snapshots (default: whoever they name); may be repeated.",
            valueName: "key"
        )
    )
    var trusted: [String] = []

    /// The repository, which may not be there yet.
    func opened() throws -> Repository {
        var place = RepositoryPlace(repository)
        place.endpoint = endpoint
        place.region = region
        place.credentials = credentials
        place.trusted = trusted
        return try place.opened()
    }

    /// Says aloud when nothing vouches for who signed a snapshot.
    func warnOfSigner(_ signer: String, writer: OutputWriter) {
        guard trusted.isEmpty else { return }
        writer.note("signed by \(signer), for which nothing vouches: pin the key with --trust if it is yours")
    }
}
