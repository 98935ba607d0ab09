import SystemPackage

/// The folder where Lastro keeps what takes long to make: templates, downloaded servers, versions that were asked for.
///
/// Everything in it can be deleted at any time, and is made again.
struct CacheFolder: Hashable, Sendable {
    let root: FilePath
    private let uid: UInt32

    init(variables: [String: String], user: ServerUser) {
        uid = user.uid
        root =
            if let chosen = variables["LASTRO_CACHE"] {
                FilePath(chosen).absolute
            } else if user.isSwitched {
                "/var/cache/lastro"
            } else if let caches = variables["XDG_CACHE_HOME"] {
                FilePath(caches).absolute.appending("lastro")
            } else if let home = variables["HOME"].map({ FilePath($0) }), home.resolved != nil, home != "/" {
                home.absolute.appending(".cache/lastro")
            } else {
                // An account without a home, as in a container with a made-up user.
                FilePath("/tmp/lastro-\(user.uid)-cache")
            }
    }

    /// Data directories to clone, one for each installation; they belong to the server's user, who may be another one
    /// next time: a `postgres` comes with PostgreSQL's package.
    var templates: FilePath { root.appending("templates-\(uid)") }
    /// Data of development servers whose project the server's user cannot reach.
    var development: FilePath { root.appending("development-\(uid)") }
    /// Servers that `script/servers` has unpacked, one folder for each major version.
    var servers: FilePath { root.appending("servers") }
    /// What `postgres --version` said, one file for each binary.
    var versions: FilePath { root.appending("versions") }
    /// Held while a template is made.
    var lock: FilePath { root.appending("templates.lock") }

    /// Makes the folders that are missing.
    func prepare(for user: ServerUser) throws(LocalServerError) {
        do {
            try root.createFolders(mode: user.isSwitched ? 0o755 : 0o700)
            try versions.createFolder(mode: 0o755)
            try user.createPrivateFolder(templates)
        } catch {
            throw .cacheUnusable(folder: root, reason: "\(error)")
        }
        guard user.canEnter(root) else {
            throw .cacheUnusable(folder: root, reason: "user \(user.name), who runs the server, cannot enter it")
        }
    }
}
