import Postgres

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

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

    /// Whether a direct address is given, but in a weaker place than the database itself.
    ///
    /// `--database` names another database than the one that a file's direct address leads to, so that this one is not
    /// used then.
    var isDirectAddressOverruled: Bool {
        guard let direct = layers.rank(of: .directURL), let usual = layers.rank(of: .databaseURL) else { return false }
        return usual < direct
    }

    /// Whether the address holds its password, or there is none to hold one.
    var hasPasswordInAddress: Bool {
        // An address that cannot be read is told where it is used.
        guard let address = try? databaseWithoutPassword(.direct) else { return true }
        return address["password"] != nil
    }

    private func databaseWithoutPassword(_ address: Address) throws -> ConnectionSettings? {
        let setting = address == .direct && !isDirectAddressOverruled ? Setting.directURL : .databaseURL
        // PGPASSWORD comes into the order of passwords.
        let variables = dotEnv.filter { $0.key != "PGPASSWORD" && process[$0.key, default: ""].isEmpty }
        for setting in [setting, .databaseURL] {
            guard let given = layers.given(setting) else { continue }
            do {
                let settings = try ConnectionSettings(given.text)
                return process["PGSERVICE", default: ""].isEmpty ? settings.filled(from: variables) : settings
            } catch {
                throw ConfigurationError.unusableDatabase(error, of: setting, at: given.place)
            }
        }
        let both = dotEnv.merging(process) { inFile, inProcess in inProcess.isEmpty ? inFile : inProcess }
        return try ConnectionSettings(environment: both.filter { $0.key != "DATABASE_URL" && $0.key != "PGPASSWORD" })
    }

    /// Where a database was looked for, in words.
    var placesLookedAt: [String] {
        var places = ["--database: not given", "DATABASE_URL, PGHOST, PGDATABASE, PGSERVICE, …: not set"]
        for file in files {
            places.append("\(file.absolutePath): \(file.content == nil ? "is not there" : "names no database")")
        }
        if let folder = Credential.folder(of: process) {
            places.append("\(folder)/\(Credential.databaseURL): is not there")
        }
        places.append("\(DevelopmentServer.folder)/: no development server of this project")
        return places + strayDotEnvFiles.map { "\($0): is there, but is not read (it is not in this folder)" }
    }

    /// `.env` files next to the one that is read: the usual place of one that was put into the wrong folder.
    var strayDotEnvFiles: [String] {
        let here = FileManager.default.currentDirectoryPath
        let parent = URL(filePath: here).deletingLastPathComponent().path
        let children = (try? FileManager.default.contentsOfDirectory(atPath: here)) ?? []  // only a hint is lost
        let candidates = ["\(parent)/.env", "\(migrations)/.env"] + children.map { "\(here)/\($0)/.env" }
        return candidates.filter { FileManager.default.fileExists(atPath: $0) }
    }
}
