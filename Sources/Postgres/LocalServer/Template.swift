import Glibc
import SystemPackage

/// A data directory that servers start from as a copy, so that none of them has to wait for initdb.
struct Template: Sendable {
    let installation: PostgresInstallation
    let folder: FilePath
    private let surroundings: Surroundings

    /// Raised when what is made here changes in a way that the key does not show.
    private static let layout = 1

    private let initdbArguments: [String]

    /// Makes the role that foreign SQL runs as, who can make databases and nothing else that is special.
    private static let setUp = "CREATE ROLE lastro LOGIN CREATEDB;\n"

    /// Names a template, which may not be there yet.
    ///
    /// - Parameters:
    ///   - installation: what makes it.
    ///   - surroundings: where, and as whom.
    ///   - isDurable: whether servers start from it that are to work as long as any other. Segments of a megabyte are quick to
    ///     copy, but `initdb` makes `max_wal_size` as small as they are, and checkpoints follow one another.
    init(_ installation: PostgresInstallation, _ surroundings: Surroundings, isDurable: Bool = false) {
        self.installation = installation
        self.surroundings = surroundings
        initdbArguments = [
            "--username=postgres", "--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8",
            "--wal-segsize=\(isDurable ? 16 : 1)", "--no-sync", "--no-instructions",
        ]
        let file = installation.program("postgres").information
        let made = "\(initdbArguments) \(Self.setUp) \(Self.layout)"
        let maker = "\(installation.binFolder) \(file?.st_mtim.tv_sec ?? 0) \(surroundings.user.uid)"
        let key = StableHash("\(maker) \(made)")
        folder = surroundings.cache.templates.appending("\(installation.version)-\(key)")
    }

    /// Makes the template if there is none yet; of several that try, one does and the others wait.
    func prepare() async throws {
        if folder.isFolder {
            await tidyUp()
            return
        }
        try surroundings.cache.prepare(for: surroundings.user)
        do {
            let lock = try await FileLock.take(surroundings.cache.lock)
            if folder.isFolder { return }
            await removeHalfMade()
            try await make()
            _ = consume lock
        } catch let error as Errno {
            throw LocalServerError.cacheUnusable(folder: surroundings.cache.root, reason: "\(error)")
        }
    }

    /// Removes what makers have left that were killed, unless somebody is making a template just now.
    private func tidyUp() async {
        guard surroundings.cache.templates.entries.contains(where: { $0.hasPrefix(draftPrefix) }) else { return }
        // What cannot be had now, the next start tries again.
        guard let lock = try? FileLock.takeIfFree(surroundings.cache.lock) else { return }
        await removeHalfMade()
        _ = consume lock
    }

    /// Makes the template under another name and puts it in place when it is whole.
    private func make() async throws {
        let draft = surroundings.cache.templates.appending("\(draftPrefix)\(UInt32.random(in: .min ... .max))")
        do {
            let initdb = installation.program("initdb")
            try await surroundings.output(of: initdb, initdbArguments + ["--pgdata=\(draft)"])
            try await installation.runAlone(Self.setUp, dataFolder: draft, surroundings)
            // To disk before it gets its name: after a power cut it is either whole or not there.
            try await surroundings.output(of: initdb, ["--sync-only", "--pgdata=\(draft)"])
            try draft.rename(to: folder)
        } catch {
            await surroundings.remove(draft)
            throw error
        }
    }

    /// Removes what makers have left that were killed; the lock is held, so nobody is making one now.
    private func removeHalfMade() async {
        for name in surroundings.cache.templates.entries where name.hasPrefix(draftPrefix) {
            await surroundings.remove(surroundings.cache.templates.appending(name))
        }
    }
}

private let draftPrefix = "draft-"

extension PostgresInstallation {
    /// Runs statements in single-user mode on a data directory that no server works in.
    ///
    /// - Parameters:
    ///   - statements: one a line.
    ///   - dataFolder: the data directory.
    ///   - surroundings: whose user and environment to take.
    /// - Throws: ``LocalServerError`` with the server's words, when a statement fails.
    func runAlone(_ statements: String, dataFolder: FilePath, _ surroundings: Surroundings) async throws {
        // Without exit_on_error a statement that fails is reported, and the exit status is 0 all the same.
        let arguments = ["--single", "-D", dataFolder.string, "-c", "exit_on_error=on", "-c", "fsync=off", "postgres"]
        try await surroundings.output(of: program("postgres"), arguments, input: statements)
    }
}
