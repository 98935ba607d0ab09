import Subprocess
public import SystemPackage

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Lets a program meet what a disk can do to it, or end, at a chosen step: a call that changes files below a folder.
public struct FaultyDisk: Sendable {
    /// What becomes of a step.
    public enum Fault: Sendable {
        /// The program is killed before it.
        case kill
        /// The program is stopped before it, until it is told to go on.
        case stop
        /// Half of it is written.
        case short
        /// It fails.
        case error(Errno)
    }

    private let library: String
    private let folder: String
    private let log: String

    /// Makes ready: builds what is loaded into the program.
    ///
    /// - Parameters:
    ///   - folder: where to build it.
    ///   - name: the folder, within that one, whose files are meant.
    /// - Throws: ``NoFaults`` if the C compiler, which Swift brings, refuses.
    public init(in folder: TemporaryFolder, under name: String) async throws {
        library = folder.file("faults.so")
        log = folder.file("steps")
        // The program sees the path without links.
        self.folder = URL(filePath: folder.path).resolvingSymlinksInPath().path + "/" + name
        let source = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Faults/faults.c").path
        let result = try await run(
            .name("clang"),
            arguments: ["-shared", "-fPIC", "-o", library, source],
            output: .discarded,
            error: .string(limit: 1 << 16)
        )
        guard result.terminationStatus.isSuccess else { throw NoFaults(words: result.standardError) }
    }

    /// The variables with which a program is to run.
    ///
    /// - Parameters:
    ///   - fault: what happens.
    ///   - kind: at which kind of step: `write`, `fsync`, `link`, `unlink`, `mkdir`, `rename`, `any`.
    ///   - number: at which of them, counted from 1 on; 0 for each.
    /// - Returns: the variables.
    public func environment(_ fault: Fault, at kind: String, _ number: Int) -> [String: String] {
        let what =
            switch fault {
            case .kill: "kill"
            case .stop: "stop"
            case .short: "short"
            case .error(let errno): "\(errno.rawValue)"
            }
        return recording.merging(["LASTRO_FAULT": "\(kind):\(number):\(what)"]) { $1 }
    }

    /// The variables with which a program's steps are written down, and nothing happens.
    public var recording: [String: String] {
        ["LD_PRELOAD": library, "LASTRO_FAULT_UNDER": folder, "LASTRO_FAULT_LOG": log]
    }

    /// The steps since the last call: each a kind, and a path below the folder.
    public func takeSteps() throws -> [String] {
        guard FileManager.default.fileExists(atPath: log) else { return [] }
        let steps = try String(contentsOfFile: log, encoding: .utf8).split(separator: "\n").map(String.init)
        try FileManager.default.removeItem(atPath: log)
        return steps
    }
}

/// What is loaded into programs cannot be built.
public struct NoFaults: Error, CustomStringConvertible {
    let words: String

    /// What the compiler said.
    public var description: String { "clang builds no Tests/TestSupport/Faults/faults.c: \(words)" }
}
