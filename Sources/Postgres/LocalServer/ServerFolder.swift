import SystemPackage

/// The folder of one throw-away server: its data, its socket and its log, and beside it the lock that its owner holds.
///
/// The lock file is there before the folder and is removed after it. It is locked as long as the owner or the watchdog
/// lives, so whoever gets the lock may remove the folder.
struct ServerFolder: Hashable, Sendable {
    let path: FilePath

    var data: FilePath { path.appending("data") }
    var log: FilePath { path.appending("log") }
    /// There as soon as the server has ended.
    var exited: FilePath { path.appending("exited") }
    var lock: FilePath { FilePath(path.string + lockSuffix) }

    init(path: FilePath) {
        self.path = path
    }

    /// The folder that a lock belongs to.
    init(lockedBy lock: borrowing FileLock) {
        path = FilePath(String(lock.path.string.dropLast(lockSuffix.count)))
    }

    /// Makes up a name that is free, and takes its lock.
    static func claim(in surroundings: Surroundings) throws(LocalServerError) -> FileLock {
        let runFolder = surroundings.runFolder
        do {
            try surroundings.user.createPrivateFolder(runFolder)
            for _ in 0..<100 {
                let name = String((0..<8).map { _ in nameCharacters.randomElement() ?? "a" })
                let folder = ServerFolder(path: runFolder.appending(namePrefix + name))
                if folder.path.exists { continue }
                if let lock = try FileLock.takeIfFree(folder.lock) { return lock }
            }
            throw Errno.fileExists
        } catch {
            throw .runFolderUnusable(folder: runFolder, user: surroundings.user.name, reason: "\(error)")
        }
    }

    /// Stops and removes what owners have left whose watchdog was killed as well.
    static func sweep(_ surroundings: Surroundings) async {
        let runFolder = surroundings.runFolder
        let names = runFolder.entries.filter { $0.hasPrefix(namePrefix) }.map { name in
            name.hasSuffix(lockSuffix) ? String(name.dropLast(lockSuffix.count)) : name
        }
        for name in Set(names) {
            let folder = ServerFolder(path: runFolder.appending(name))
            // Not free: it is somebody's. Not to be opened: somebody else's, and nothing that we could remove.
            guard let lock = try? FileLock.takeIfFree(folder.lock) else { continue }
            await folder.remove(surroundings)
            // Kept if the folder is still there, so that the next sweep tries again.
            if !folder.path.exists { lock.removeFile() }
        }
    }

    /// Stops the server in the folder, if one is left, and removes the folder; the caller holds the lock.
    func remove(_ surroundings: Surroundings) async {
        _ = await ServerProcesses(dataFolder: data).stopAtOnce()
        // Twice: a copy of the template that has lost its parent may still be writing.
        for _ in 0..<2 where path.exists { await surroundings.remove(path) }
    }
}

private let namePrefix = "s-"
private let lockSuffix = ".lock"
private let nameCharacters = Array("abcdefghijkmnopqrstuvwxyz23456789")
