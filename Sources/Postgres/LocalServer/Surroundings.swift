import Glibc
import SystemPackage

/// What the local server takes from the process it runs in: variables, the user, and the folders that follow from them.
struct Surroundings: Sendable {
    /// The variables of the environment that are heeded.
    let variables: [String: String]
    let user: ServerUser
    let cache: CacheFolder

    init(variables: [String: String], user: ServerUser = .current()) {
        self.variables = variables
        self.user = user
        cache = CacheFolder(variables: variables, user: user)
    }

    /// Those of this process.
    static func current() -> Surroundings {
        let names = [
            "HOME", "LASTRO_CACHE", "LASTRO_PG_BIN", "LD_LIBRARY_PATH", "PATH", "PYENV_ROOT", "TMPDIR", "VIRTUAL_ENV",
            "XDG_CACHE_HOME",
        ]
        var variables: [String: String] = [:]
        for name in names {
            if let value = getenv(name), value.pointee != 0 { variables[name] = String(cString: value) }
        }
        return Surroundings(variables: variables)
    }

    /// The environment of everything that is started here.
    ///
    /// Little is passed on: `PG…` variables would change what the server does, and passwords in `DATABASE_URL` are
    /// no business of a process that runs foreign SQL.
    var environment: [String: String] {
        let path = ["/usr/bin:/bin", variables["PATH"]].compactMap(\.self).joined(separator: ":")
        var environment = ["PATH": path, "LC_ALL": "C", "TZ": "UTC"]
        environment["LD_LIBRARY_PATH"] = variables["LD_LIBRARY_PATH"]
        return environment
    }

    /// The folder that holds the folders of running throw-away servers: short, private, and on a local disk.
    var runFolder: FilePath {
        let name = "lastro-\(user.uid)"
        if let temporary = variables["TMPDIR"].map({ FilePath($0).absolute }) {
            let folder = temporary.appending(name)
            // Longer, and a socket in a server's folder would pass the 107 bytes that a socket's address may have.
            let isShort = folder.string.utf8.count <= 107 - "/s-12345678/.s.PGSQL.5432".utf8.count
            if isShort, temporary.resolved != nil, user.canEnter(temporary) { return folder }
        }
        return FilePath("/tmp").appending(name)
    }
}
