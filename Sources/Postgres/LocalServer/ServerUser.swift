import Glibc
import Subprocess
import SystemPackage

/// The user that servers run as: the caller, or an unprivileged one where the caller is root.
///
/// PostgreSQL refuses to run as root, and foreign SQL shall not be able to read what root can.
struct ServerUser: Hashable, Sendable {
    let name: String
    let uid: uid_t
    let gid: gid_t
    /// Whether this is somebody else than the caller.
    let isSwitched: Bool

    /// The user for servers of this process.
    static func current() -> ServerUser {
        let uid = geteuid()
        guard uid == 0 else {
            return ServerUser(name: named(uid) ?? "\(uid)", uid: uid, gid: getegid(), isSwitched: false)
        }
        return account("postgres") ?? account("nobody")
            ?? ServerUser(name: "65534", uid: 65534, gid: 65534, isSwitched: true)
    }

    /// How a program is run as this user.
    ///
    /// Through `setpriv` (util-linux), and not with the user of `PlatformOptions`: that one changes the user between
    /// fork and exec, where glibc waits for threads that do not exist in the child; see docs/decisions.
    func configuration(
        _ program: FilePath,
        _ arguments: [String],
        environment: Environment,
        createSession: Bool = false
    ) -> Configuration {
        let words = ["--reuid=\(uid)", "--regid=\(gid)", "--clear-groups", "--no-new-privs", program.string]
        var options = PlatformOptions()
        options.createSession = createSession
        return Configuration(
            executable: .path(isSwitched ? "/usr/bin/setpriv" : program),
            arguments: Arguments((isSwitched ? words : []) + arguments),
            environment: environment,
            // The caller's own folder may be closed to the user.
            workingDirectory: "/",
            platformOptions: options
        )
    }

    /// Whether the user may pass through every folder on the way to this path and into it, as far as it exists.
    func canEnter(_ path: FilePath) -> Bool {
        var folder = path.absolute
        while folder.resolved == nil, folder.removeLastComponent() {}
        guard var folder = folder.resolved else { return false }
        guard isSwitched else { return folder.withPlatformString { access($0, X_OK) } == 0 }
        repeat {
            guard let information = folder.information else { return false }
            let needed: FilePermissions =
                switch (information.userID.rawValue, information.groupID.rawValue) {
                case (uid, _): .ownerExecute
                case (_, gid): .groupExecute
                default: .otherExecute
                }
            if !information.permissions.contains(needed) { return false }
        } while folder.removeLastComponent()
        return true
    }

    /// Makes a folder that belongs to the user and that nobody else can read or enter.
    ///
    /// - Throws: `Errno.permissionDenied` when something of that name is there that others own or may use.
    func createPrivateFolder(_ path: FilePath) throws(Errno) {
        try path.createFolder(mode: 0o700)
        if isSwitched, path.information?.userID.rawValue == 0 {
            guard path.withPlatformString({ lchown($0, uid, gid) }) == 0 else { throw Errno(rawValue: errno) }
        }
        guard let information = path.information, information.userID.rawValue == uid,
            information.permissions.isDisjoint(with: [.groupReadWriteExecute, .otherReadWriteExecute])
        else {
            throw .permissionDenied
        }
    }
}

private func account(_ name: String) -> ServerUser? {
    var entry = passwd()
    var found: UnsafeMutablePointer<passwd>?
    var buffer = [CChar](repeating: 0, count: 16_384)
    guard getpwnam_r(name, &entry, &buffer, buffer.count, &found) == 0, found != nil else { return nil }
    return ServerUser(name: name, uid: entry.pw_uid, gid: entry.pw_gid, isSwitched: true)
}

private func named(_ uid: uid_t) -> String? {
    var entry = passwd()
    var found: UnsafeMutablePointer<passwd>?
    var buffer = [CChar](repeating: 0, count: 16_384)
    guard getpwuid_r(uid, &entry, &buffer, buffer.count, &found) == 0, found != nil else { return nil }
    return String(cString: entry.pw_name)
}
