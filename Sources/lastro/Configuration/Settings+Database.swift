import Postgres
import ProjectSettings

extension Settings {
    /// Which address of the database is meant.
    enum Address {
        /// That of the application, which may be a pooler's.
        case usual
        /// That for migrations: the direct one, where there is one.
        case direct
    }

    /// The database: the configured one, else the project's development server if it has one.
    ///
    /// Without either this is an error and not a private server: a deployment that lost its DATABASE_URL must not report
    /// that it has migrated something.
    ///
    /// - Throws: ``ConfigurationError``; `CancellationError` while a command is asked for the password.
    func database(_ address: Address = .direct) async throws -> ConnectionSettings {
        if let settings = try await configuredDatabase(address) { return settings }
        let server = DevelopmentServer.ofProject.status()
        guard server.major != nil else { throw ConfigurationError.noDatabase(looked: placesLookedAt) }
        guard server.isRunning else { throw DevelopmentServerStopped() }
        return try ConnectionSettings(server.url)
    }

    /// The database, or nil if none is configured anywhere.
    func configuredDatabase(_ address: Address) async throws -> ConnectionSettings? {
        guard let settings = try databaseWithoutPassword(address) else { return nil }
        return try await addingPassword(to: settings)
    }

    /// What names the database.
    enum Source {
        /// An address.
        case address(Setting, SettingsLayer.Given)
        /// `PG*` variables of the environment or of `.env`.
        case variables(SettingPlace)
    }

    /// What names the database: in the strongest place that does an address before `PG*` variables; nil if none does.
    func source(_ address: Address) -> Source? {
        if address == .direct, !isDirectAddressOverruled, let given = layers.given(.directURL) {
            return .address(.directURL, given)
        }
        guard let layer = layers.first(where: \.namesDatabase) else { return nil }
        if let given = layer.values[.databaseURL] { return .address(.databaseURL, given) }
        return layer.addressPlace.map(Source.variables)
    }

    /// Whether a direct address is given, but in a weaker place than the database itself.
    ///
    /// `--database` names another database than the one that a file's direct address leads to, so that this one is not
    /// used then.
    var isDirectAddressOverruled: Bool {
        guard let direct = layers.rank(of: .directURL), let usual = layers.firstIndex(where: \.namesDatabase) else {
            return false
        }
        return usual < direct
    }

    /// Whether an address is given, but in a weaker place than `PG*` variables that name a database.
    var isAddressOverruled: Bool {
        guard let address = layers.rank(of: .databaseURL), let first = layers.firstIndex(where: \.namesDatabase) else {
            return false
        }
        return first < address
    }

    /// Whether the address holds its password, or there is none to hold one.
    var hasPasswordInAddress: Bool {
        // An address that cannot be read is told where it is used.
        guard let address = try? databaseWithoutPassword(.direct) else { return true }
        return address["password"] != nil
    }

    private func databaseWithoutPassword(_ address: Address) throws -> ConnectionSettings? {
        if case .address(let setting, let given)? = source(address) {
            do {
                return try databaseVariables.settings(at: given.text)
            } catch {
                throw ConfigurationError.unusableDatabase(error, of: setting, at: given.place)
            }
        }
        do {
            return try databaseVariables.settings()
        } catch {
            let place = layers.lazy.compactMap(\.addressPlace).first ?? .variable("PG*")
            throw ConfigurationError.unusableDatabase(error, of: .databaseURL, at: place)
        }
    }

    /// The `PG*` variables of the environment and of `.env`.
    var databaseVariables: DatabaseVariables { DatabaseVariables(process: process, dotEnv: dotEnv) }

    /// Where a database was looked for, in words.
    var placesLookedAt: [String] {
        // An empty variable counts as not set, and is what is looked for when a deployment has lost one.
        func emptiness(of variable: String?) -> String { variable?.isEmpty == true ? " (DATABASE_URL is empty)" : "" }
        var places = [
            "--database: not given",
            "DATABASE_URL, PGHOST, PGDATABASE, PGSERVICE, …: not set" + emptiness(of: process["DATABASE_URL"]),
        ]
        for file in files {
            let isDotEnv = file.path == ".env"
            places.append(
                "\(file.absolutePath): "
                    + (file.content == nil
                        ? "is not there"
                        : "names no database" + (isDotEnv ? emptiness(of: dotEnv["DATABASE_URL"]) : ""))
            )
        }
        if let folder = Credential.folder(of: process) {
            places.append("\(folder)/\(Credential.databaseURL): is not there")
        }
        places.append("\(DevelopmentServer.folder)/: no development server of this project")
        return places + strayDotEnvFiles.map { "\($0): is there, but is not read (it is not in this folder)" }
    }

    /// `.env` files next to the one that is read.
    var strayDotEnvFiles: [String] { StrayDotEnv.files(migrations: migrations) }
}
