import Glibc
import SystemPackage

/// The processes of the server that works in one data directory, found in `/proc`.
///
/// A process identifier in a file proves nothing: the number may belong to somebody else by now. A process counts only
/// if it is a `postgres` and works in the directory, or was started with it as an argument.
struct ServerProcesses: Sendable {
    let dataFolder: FilePath

    /// The processes that run now.
    var running: [pid_t] { FilePath("/proc").entries.compactMap { pid_t($0) }.filter(contains) }

    /// Whether a process is one of them.
    func contains(_ pid: pid_t) -> Bool {
        let process = FilePath("/proc/\(pid)")
        guard process.appending("comm").text == "postgres\n" else { return false }
        if let folder = process.appending("cwd").target?.string {
            if folder == dataFolder.string || folder == dataFolder.string + " (deleted)" { return true }
        }
        return isNamed(inArgumentsOf: pid)
    }

    /// Whether a process was started with the directory as an argument.
    private func isNamed(inArgumentsOf pid: pid_t) -> Bool {
        guard let arguments = FilePath("/proc/\(pid)/cmdline").text else { return false }
        return arguments.split(separator: "\0").contains { $0 == dataFolder.string }
    }

    /// Stops what runs, without a checkpoint, and returns when it is gone, also in a cancelled task.
    ///
    /// - Returns: whether all are gone; false after ten seconds of trying.
    func stopAtOnce() async -> Bool {
        for attempt in 0..<400 {
            let running = running
            if running.isEmpty { return true }
            // Repeated, since a signal that arrives before the server has set up its handlers is lost.
            for pid in running { kill(pid, attempt < 200 ? SIGQUIT : SIGKILL) }
            await pause(.milliseconds(25))
        }
        return running.isEmpty
    }
}

/// Whether there is a process of this number that has not ended.
///
/// One that nobody has waited for still has a number: in a container, the first process often waits for none.
func isAlive(_ pid: pid_t) -> Bool {
    // proc(5), /proc/pid/stat: the state comes after the name, which stands in parentheses and may contain some.
    guard let stat = FilePath("/proc/\(pid)/stat").text, let name = stat.lastIndex(of: ")") else { return false }
    return !stat[name...].dropFirst(2).hasPrefix("Z")
}

/// Waits, also in a cancelled task: what tidies up has to go on to its end.
func pause(_ duration: Duration) async {
    // A task of its own, since a sleep in a cancelled one returns at once; it cannot fail, as nobody cancels it.
    await Task { try? await Task.sleep(for: duration) }.value
}
