import ArgumentParser
import Backup
import ProjectSettings
import SystemPackage

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
        let keys = try trusted.map { text in
            guard let key = VerificationKey(text) else {
                throw ConfigurationError(
                    "--trust \(text): that is no verification key",
                    next: "give the key, lastro1…, that stands in the file of the key that signs"
                )
            }
            return key
        }
        return Repository(in: try store(), trusted: keys.isEmpty ? nil : Set(keys))
    }

    /// Says aloud when nothing vouches for who signed a snapshot.
    func warnOfSigner(_ signer: String, writer: OutputWriter) {
        guard trusted.isEmpty else { return }
        writer.note("signed by \(signer), for which nothing vouches: pin the key with --trust if it is yours")
    }

    private func store() throws -> any BackupStore {
        guard S3Location.isMeant(by: repository) else {
            if endpoint != nil || region != nil || credentials != nil {
                throw ConfigurationError(
                    "--endpoint, --region and --credentials belong to an object store, and \(repository) is a folder",
                    next: "write --repository s3://BUCKET/PREFIX, or leave them out"
                )
            }
            return FolderStore(FilePath(repository))
        }
        let location = try S3Location(repository)
        let variables = ObjectStoreVariables()
        let region = region ?? variables.region
        return try S3Store(
            location,
            at: S3Endpoint(endpoint ?? variables.endpoint, region: region, bucket: location.bucket),
            region: region,
            credentials: try variables.credentials(file: credentials),
            authorities: variables.authorities
        )
    }
}
