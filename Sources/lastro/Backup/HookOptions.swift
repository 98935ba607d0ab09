import ArgumentParser

/// Commands that a backup runs around itself, as who runs it.
///
/// They are taken from the command line only.
struct HookOptions: ParsableArguments {
    @Option(
        name: .customLong("before"),
        help: ArgumentHelp("A command to run first; if it fails, nothing is backed up.", valueName: "command")
    )
    var first: String?

    @Option(
        name: .customLong("after"),
        help: ArgumentHelp("A command to run when the snapshot is there.", valueName: "command")
    )
    var last: String?

    @Option(help: ArgumentHelp("A command to run when there is none.", valueName: "command"))
    var onFailure: String?

    /// Runs the work between its commands.
    ///
    /// - Parameters:
    ///   - repository: the repository, as `LASTRO_REPOSITORY`.
    ///   - name: the snapshot's name, from what the work gives, as `LASTRO_SNAPSHOT`.
    ///   - body: the work.
    /// - Returns: what the work gives.
    /// - Throws: what the work throws, or ``HookFailure``.
    func around<Value>(
        _ repository: String,
        naming name: (Value) -> String,
        _ body: () async throws -> Value
    ) async throws -> Value {
        var variables = ["LASTRO_REPOSITORY": repository]
        let value: Value
        do {
            if let first { try await run("--before", first, variables, state: "nothing was backed up") }
            value = try await body()
        } catch {
            if let onFailure {
                variables["LASTRO_ERROR"] = "\(error)"
                do {
                    try await run("--on-failure", onFailure, variables, state: "the backup failed before")
                } catch {
                    OutputWriter.report("\(error)")  // what the backup failed of is the one to end with
                }
            }
            throw error
        }
        if let last {
            variables["LASTRO_SNAPSHOT"] = name(value)
            try await run("--after", last, variables, state: "snapshot \(name(value)) is there, and whole")
        }
        return value
    }

    private func run(_ option: String, _ command: String, _ variables: [String: String], state: String) async throws {
        let outcome = try await ShellCommand(command, patience: .seconds(600), variables: variables).run()
        let said = String(decoding: outcome.output + outcome.errors, as: UTF8.self)
        if !said.isEmpty { OutputWriter.report(said.hasSuffix("\n") ? String(said.dropLast()) : said) }
        switch outcome.end {
        case .exited(0): return
        case .exited(let status): throw HookFailure(option: option, words: "ended with status \(status)", state: state)
        case .signalled(let signal):
            throw HookFailure(option: option, words: "was ended by signal \(signal)", state: state)
        case .timedOut:
            throw HookFailure(option: option, words: "took longer than 10 minutes, and was ended", state: state)
        }
    }
}

/// A command around a backup failed.
struct HookFailure: Error, CustomStringConvertible {
    let option: String
    let words: String
    let state: String

    var description: String {
        "the command of \(option) \(words)\n  state: \(state)\n  next:  see what it says, and mend it"
    }
}
