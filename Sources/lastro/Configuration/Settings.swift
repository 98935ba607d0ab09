import Configuration
import Postgres
import SystemPackage

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// What is configured: flags over the environment over `.env` over `lastro.yaml`.
struct Settings: Sendable {
    /// The folder of migrations.
    let migrations: String
    /// Every value that was looked up, with where it came from.
    let origins: [Origin]
    /// The files that were looked for.
    let files: [SettingsFile]

    private let databaseURL: String?
    private let environment: [String: String]

    /// Where a value came from.
    struct Origin: Encodable, Hashable, Sendable {
        let key: String
        let source: String
        let value: String
    }

    init(flags: GlobalOptions) async throws {
        let process = ProcessInfo.processInfo.environment
        let dotEnv = try SettingsFile(path: ".env")
        let yaml = try SettingsFile(path: flags.config ?? "lastro.yaml", isRequired: flags.config != nil)
        let dotEnvValues = try dotEnv.content.map { try DotEnv($0.text, file: dotEnv.path).values } ?? [:]
        let yamlValues = try yaml.content.map { try YAMLFile($0.bytes, file: yaml.path).values } ?? [:]
        for key in yamlValues.keys.sorted() where !Self.keys.contains(key) {
            throw ConfigurationError.unknownKey(key, file: yaml.path, known: Self.keys)
        }
        let origins = OriginRecorder()
        let secrets = SecretsSpecifier<String, String>.dynamic { key, _ in key.lowercased().hasSuffix("url") }
        let reader = ConfigReader(
            providers: [
                InMemoryProvider(name: "command line", values: Self.values(of: flags)),
                EnvironmentVariablesProvider(environmentVariables: process, secretsSpecifier: secrets),
                InMemoryProvider(name: dotEnv.path, values: Self.values(of: dotEnvValues)),
                InMemoryProvider(name: yaml.path, values: Self.values(of: yamlValues)),
            ],
            accessReporter: origins
        )
        databaseURL = reader.string(forKey: "database.url", isSecret: true).flatMap { $0.isEmpty ? nil : $0 }
        let folder = reader.string(forKey: "lastro.migrations", default: "migrations")
        self.origins = origins.origins
        let isFromYAML = self.origins.contains { $0.key == "lastro.migrations" && $0.source == yaml.path }
        migrations = isFromYAML ? yaml.resolve(folder) : folder
        environment = dotEnvValues.merging(process) { _, process in process }
        files = [dotEnv, yaml]
    }

    /// The database, or nil if none is configured anywhere.
    func configuredDatabase() throws -> ConnectionSettings? {
        if let databaseURL { return try ConnectionSettings(databaseURL) }
        return try ConnectionSettings(environment: environment.filter { $0.key != "DATABASE_URL" })
    }

    /// The database: the configured one, else the project's development server if it has one.
    ///
    /// Without either this is an error and not a private server: a deployment that lost its DATABASE_URL must not report
    /// that it has migrated something.
    func database() async throws -> ConnectionSettings {
        if let settings = try configuredDatabase() { return settings }
        let server = DevelopmentServer.ofProject.status()
        guard server.major != nil else { throw ConfigurationError.noDatabase(looked: placesLookedAt) }
        guard server.isRunning else { throw DevelopmentServerStopped() }
        return try ConnectionSettings(server.url)
    }

    /// Where a database was looked for, in words.
    var placesLookedAt: [String] {
        var places = ["--database: not given", "DATABASE_URL, PGHOST, PGDATABASE, PGSERVICE, …: not set"]
        for file in files {
            places.append("\(file.absolutePath): \(file.content == nil ? "is not there" : "names no database")")
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

    private static let keys = ["database.url", "migrations"]

    private static func values(of flags: GlobalOptions) -> [AbsoluteConfigKey: ConfigValue] {
        var values: [AbsoluteConfigKey: ConfigValue] = [:]
        if let url = flags.database { values["database.url"] = ConfigValue(.string(url), isSecret: true) }
        if let folder = flags.migrations { values["lastro.migrations"] = ConfigValue(.string(folder), isSecret: false) }
        return values
    }

    private static func values(of variables: [String: String]) -> [AbsoluteConfigKey: ConfigValue] {
        var values: [AbsoluteConfigKey: ConfigValue] = [:]
        for (key, variable) in [("database.url", "DATABASE_URL"), ("lastro.migrations", "LASTRO_MIGRATIONS")] {
            guard let value = variables[variable] else { continue }
            let components = key.split(separator: ".").map(String.init)
            values[AbsoluteConfigKey(components)] = ConfigValue(.string(value), isSecret: variable.hasSuffix("URL"))
        }
        return values
    }

    private static func values(of yaml: [String: YAMLFile.Value]) -> [AbsoluteConfigKey: ConfigValue] {
        var values: [AbsoluteConfigKey: ConfigValue] = [:]
        if case .scalar(let url)? = yaml["database.url"] {
            values["database.url"] = ConfigValue(.string(url), isSecret: true)
        }
        if case .scalar(let folder)? = yaml["migrations"] {
            values["lastro.migrations"] = ConfigValue(.string(folder), isSecret: false)
        }
        return values
    }
}

/// A file of settings that was looked for.
struct SettingsFile: Sendable {
    /// A file's content.
    struct Content: Sendable {
        let bytes: [UInt8]
        var text: String { String(decoding: bytes, as: UTF8.self) }
    }

    /// The path as it was looked for.
    let path: String
    /// The content; nil if the file is not there.
    let content: Content?

    init(path: String, isRequired: Bool = false) throws(ConfigurationError) {
        self.path = path
        do {
            content = Content(bytes: Array(try Data(contentsOf: URL(filePath: path))))
        } catch {
            if isRequired || FileManager.default.fileExists(atPath: path) {
                throw .unreadableFile(path, why: isRequired ? "it is not there" : "\(error)")
            }
            content = nil
        }
    }

    /// The path from the root.
    var absolutePath: String {
        path.hasPrefix("/") ? path : FileManager.default.currentDirectoryPath + "/" + path
    }

    /// A path that is written in this file, which means: from the file's folder.
    func resolve(_ relative: String) -> String {
        guard !relative.hasPrefix("/"), let slash = path.lastIndex(of: "/") else { return relative }
        return path[...slash] + relative
    }
}
