import Backup
import ProjectSettings
import SystemPackage

/// Where backups go and who can open them, as the configuration says.
struct BackupConfiguration: Sendable {
    /// The folder of the repository; nil if none is configured, and no backups are made.
    var repository: String?
    /// Public keys that can decrypt; without any, those of the rows in `backup_schedule`.
    var recipients: [String] = []
    /// The file of keys that decrypt, for drills; nil if this machine has none.
    var identity: String?
    /// The folder of this machine's own keys, which decrypt nothing.
    var keys = ".lastro"

    /// Takes what is configured.
    ///
    /// - Throws: `ConfigurationError` for a repository that is no folder and for a recipient that is no key.
    init(_ settings: AppSettings) throws(ConfigurationError) {
        repository = try settings.value(.backupRepository, expected: "the path of a folder") { text in
            S3Location.isMeant(by: text) ? nil : text
        }
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
        self.recipients = recipients
        self.identity = identity
        self.keys = keys
    }

    /// The configuration in a few words, for who starts the application.
    var words: String {
        guard let repository else { return "no repository is configured (STUDY_BACKUP_REPOSITORY): none are made" }
        return "into \(repository)"
            + (identity == nil ? ", without drills (no STUDY_BACKUP_IDENTITY on this machine)" : ", each with a drill")
    }
}
