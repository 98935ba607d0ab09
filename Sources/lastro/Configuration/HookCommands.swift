import Migrator

/// The shell commands of the configuration that run around migrations.
struct HookCommands: Hashable, Sendable {
    /// The commands, by their moment.
    let commands: [MigrationHook: String]

    /// What runs them; nil if there are none.
    ///
    /// A command finds the moment in `LASTRO_HOOK`, the migration's name in `LASTRO_MIGRATION`, and in `LASTRO_TARGET` which
    /// of many databases or schemas it is. What it prints goes to standard error.
    func action(writer: OutputWriter, target: String? = nil) -> HookAction? {
        guard !commands.isEmpty else { return nil }
        return { [commands] hook, step in
            guard let command = commands[hook] else { return }
            var variables = ["LASTRO_HOOK": hook.rawValue]
            variables["LASTRO_MIGRATION"] = step?.name
            variables["LASTRO_TARGET"] = target
            let patience = Duration.seconds(3600)
            let outcome = try await ShellCommand(command, patience: patience, variables: variables).run()
            guard outcome.end == .exited(0) else {
                throw HookCommandFailure(words: outcome.complaint(patience: patience))
            }
            for output in [outcome.output, outcome.errors] where !output.isEmpty {
                writer.note(String(decoding: output, as: UTF8.self))
            }
        }
    }
}

/// A command that did not end well.
private struct HookCommandFailure: Error, CustomStringConvertible {
    let words: String
    var description: String { words }
}
