import Backup
import ProjectSettings
import SystemPackage

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Where a repository is, and who is believed there, as options of commands say it.
struct RepositoryPlace {
    /// A folder, or s3://BUCKET/PREFIX.
    let place: String
    /// Of an object store; nil for what its variables say.
    var endpoint: String?
    var region: String?
    var credentials: String?
    /// Who may have signed snapshots; whoever they name if nobody is given.
    var trusted: [String] = []

    init(_ place: String) {
        self.place = place
    }

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

    private func store() throws -> any BackupStore {
        guard S3Location.isMeant(by: place) else {
            if endpoint != nil || region != nil || credentials != nil {
                throw ConfigurationError(
                    "--endpoint, --region and --credentials belong to an object store, and \(place) is a folder",
                    next: "write --repository s3://BUCKET/PREFIX, or leave them out"
                )
            }
            return FolderStore(FilePath(place))
        }
        var settings = ObjectStoreSettings(
            variables: ProcessInfo.processInfo.environment,
            credentialsSetting: "--credentials"
        )
        settings.endpoint = endpoint
        settings.region = region
        settings.credentials = credentials
        return try settings.store(at: place)
    }
}
