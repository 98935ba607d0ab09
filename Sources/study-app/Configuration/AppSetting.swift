/// A setting of the back end: its variable, in the environment and in `.env`.
enum AppSetting: String, CaseIterable {
    case database = "DATABASE_URL"
    case embedded = "STUDY_EMBEDDED"
    case migrations = "LASTRO_MIGRATIONS"
    case queries = "STUDY_QUERIES"
    case drift = "STUDY_DRIFT"
    case host = "STUDY_HOST"
    case port = "STUDY_PORT"
    case probePort = "STUDY_PROBE_PORT"
    case probeToken = "STUDY_PROBE_TOKEN"
    case publicURL = "STUDY_PUBLIC_URL"
    case trustedProxies = "STUDY_TRUSTED_PROXIES"
    case redis = "REDIS_URL"
    case logLevel = "STUDY_LOG_LEVEL"
    case configuration = "STUDY_CONFIG"
    case environment = "LASTRO_ENV"
    case passwordCost = "STUDY_PASSWORD_COST"
    case backupRepository = "STUDY_BACKUP_REPOSITORY"
    case backupRecipients = "STUDY_BACKUP_RECIPIENTS"
    case backupIdentity = "STUDY_BACKUP_IDENTITY"
    case backupKeys = "STUDY_BACKUP_KEYS"
    case backupEndpoint = "STUDY_BACKUP_ENDPOINT"
    case backupRegion = "STUDY_BACKUP_REGION"
    case backupCredentials = "STUDY_BACKUP_CREDENTIALS"

    /// The variable.
    var variable: String { rawValue }

    /// Whether nobody is to read the value over a shoulder.
    var isSecret: Bool {
        switch self {
        case .database, .probeToken, .redis: true
        default: false
        }
    }
}
