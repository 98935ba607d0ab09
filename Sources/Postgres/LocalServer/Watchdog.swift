import Glibc
import Subprocess
import Synchronization
import SystemPackage

/// The process between a server and its owner: makes the folder, starts the server, and when the owner lets go or dies
/// stops the server and removes the folder.
///
/// It sits in a session of its own, so that Ctrl-C reaches the owner alone, and reads one end of a socket pair whose
/// other end only the owner has: the kernel closes that one however the owner comes to its end.
final class Watchdog: Sendable {
    private let lifeline: Mutex<FileDescriptor?>
    private let process: Task<String, any Error>
    private let hasEnded: Ended

    private final class Ended: Sendable {
        let value = Atomic(false)
    }

    /// Starts the process.
    ///
    /// - Parameters:
    ///   - folder: the folder to make; its lock is held until the process has ended.
    ///   - lock: the lock beside the folder.
    ///   - template: what the data directory is copied from.
    ///   - command: the server and its arguments.
    ///   - surroundings: whose user and environment to take.
    /// - Throws: `Errno` when the process has no more files to open.
    init(
        folder: ServerFolder,
        lock: borrowing FileLock,
        template: FilePath,
        command: [String],
        _ surroundings: Surroundings
    ) throws(Errno) {
        // Close-on-exec from the first moment: a program that another thread starts just now must not hold it open.
        var ends: [Int32] = [-1, -1]
        guard socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0, &ends) == 0 else {
            throw Errno(rawValue: errno)
        }
        let far = FileDescriptor(rawValue: ends[1])
        let lockDescriptor = lock.descriptor
        let ended = Ended()
        let configuration = surroundings.user.configuration(
            "/bin/sh",
            ["-c", script, "lastro", folder.path.string, template.string] + command,
            environment: .custom(surroundings.customEnvironment),
            createSession: true
        )
        lifeline = Mutex(FileDescriptor(rawValue: ends[0]))
        hasEnded = ended
        // Awaited by `release`, and by nobody if the owner dies: then the process ends by itself.
        process = Task {
            defer { ended.value.store(true, ordering: .releasing) }
            let result = try await run(
                configuration,
                input: .fileDescriptor(far, closeAfterSpawningProcess: true),
                output: .fileDescriptor(lockDescriptor, closeAfterSpawningProcess: false),
                error: .string(limit: 65536)
            )
            return result.standardError
        }
    }

    deinit {
        letGo()
    }

    /// Whether the process is gone, which before ``release()`` means that it was killed or could not be started.
    var isGone: Bool { hasEnded.value.load(ordering: .acquiring) }

    /// Tells the process to tidy up, and waits for its end, also in a cancelled task.
    ///
    /// - Returns: what went wrong outside the server, in words; empty when nothing did.
    @discardableResult
    func release() async -> String {
        letGo()
        do { return try await process.value } catch { return "\(error)" }
    }

    private func letGo() {
        lifeline.withLock { descriptor in
            try? descriptor?.close()  // nothing was written to it that could be lost
            descriptor = nil
        }
    }
}

/// What the process does.
///
/// Standard input is the lifeline, standard output the owner's lock, which it shares: as long as it lives, nobody else
/// tidies up here.
///
/// The server's process identifier cannot come to mean another process while it is used: the shell learns of the end of
/// its child and writes the file `exited` in one go. The signal is repeated, since one that arrives before the server
/// has set up its handlers is lost.
private let script = """
    umask 077
    trap '' HUP INT QUIT TERM PIPE
    folder=$1 template=$2 stopper=
    shift 2
    mkdir "$folder" || exit
    trap 'rm -rf "$folder"; rm -f "$folder.lock"' EXIT
    exec 3<&0 </dev/null 2>"$folder/log"
    if cp -a --reflink=auto "$template" "$folder/data"; then
        ( trap - EXIT HUP INT QUIT TERM PIPE; exec "$@" ) >>"$folder/log" 2>&1 3<&- &
        server=$!
        (
            trap - EXIT
            read -r _ <&3
            tries=0
            while [ -d "$folder" ] && [ ! -e "$folder/exited" ] && kill -0 "$server"; do
                tries=$((tries + 1))
                if [ "$tries" -le 200 ]; then kill -QUIT "$server"; else kill -KILL "$server"; fi
                sleep 0.05
            done
        ) >/dev/null 2>&1 &
        stopper=$!
        wait "$server"
    fi
    : >"$folder/exited"
    read -r _ <&3
    [ -z "$stopper" ] || kill -KILL "$stopper" 2>/dev/null
    """
