import Backup
import ProjectSettings
import SystemPackage

/// Where backups go and who can open them, as the configuration says.
struct BackupConfiguration: Sendable {
    /// The folder of the repository, or `s3://BUCKET/PREFIX`; nil if none is configured, and no backups are made.
    var repository: String?
    /// How the object store is reached, if the repository is in one.
    var objects: ObjectStoreSettings
    /// Public keys that can decrypt; without any, those of the rows in `backup_schedule`.
    var recipients: [String] = []
    /// The file of keys that decrypt, for drills; nil if this machine has none.
    var identity: String?
    /// The folder of this machine's own keys, which decrypt nothing.
    var keys = ".lastro"

    /// Takes what is configured.
    ///
    /// - Throws: `ConfigurationError` for a place that is none and for a recipient that is no key.
    init(_ settings: AppSettings) throws(ConfigurationError) {
        repository = try settings.value(.backupRepository, expected: "the path of a folder, or s3://BUCKET/PREFIX") {
            S3Location.isMeant(by: $0) && (try? S3Location($0)) == nil ? nil : $0  // the place is told by the caller
        }
        objects = ObjectStoreSettings(
            variables: settings.variables(where: ObjectStoreSettings.isVariable),
            credentialsSetting: AppSetting.backupCredentials.variable
        )
        objects.endpoint = settings.text(.backupEndpoint)
        objects.region = settings.text(.backupRegion)
        objects.credentials = settings.text(.backupCredentials)
        recipients = settings.words(.backupRecipients)
        for text in recipients {
            do { _ = try AgePublicKey(text) } catch {
                throw settings.mistake(error.message, of: .backupRecipients, next: error.next)
            }
        }
        identity = settings.text(.backupIdentity)
        keys = settings.text(.backupKeys) ?? ".lastro"
    }

    /// Makes a configuration for a folder.
    init(repository: String?, recipients: [String] = [], identity: String? = nil, keys: String = ".lastro") {
        self.repository = repository
        objects = ObjectStoreSettings(variables: [:], credentialsSetting: AppSetting.backupCredentials.variable)
        self.recipients = recipients
        self.identity = identity
        self.keys = keys
    }

    /// The repository of a place; nothing is sent or read yet.
    ///
    /// - Parameter place: a folder, or `s3://BUCKET/PREFIX`.
    /// - Returns: the repository, which may not be there yet.
    /// - Throws: `ConfigurationError` if there is no key for the object store; `BackupError`.
    func opened(_ place: String) throws -> Repository {
        guard S3Location.isMeant(by: place) else { return Repository(in: FolderStore(FilePath(place))) }
        return Repository(in: try objects.store(at: place))
    }

    /// Finds what would let every backup fail, before the first one is due.
    func check() throws { _ = try repository.map(opened) }

    /// The configuration in a few words, for who starts the application.
    var words: String {
        guard let repository else { return "no repository is configured (STUDY_BACKUP_REPOSITORY): none are made" }
        return "into \(repository)"
            + (identity == nil ? ", without drills (no STUDY_BACKUP_IDENTITY on this machine)" : ", each with a drill")
    }
}
