/// The commands of a program by their names, for those who misspell one.
package struct CommandTree: Sendable {
    private let name: String
    private let commands: [CommandTree]

    /// Makes a tree.
    package init(_ name: String, _ commands: [CommandTree]) {
        self.name = name
        self.commands = commands
    }

    /// The command that a word which is none most likely means, as it is written; nil where the words are known.
    ///
    /// - Parameter arguments: the words behind the program's name.
    /// - Returns: the command, in backticks.
    package func meant(by arguments: some Sequence<String>) -> String? {
        var path = [name]
        var known = commands
        for word in arguments where !known.isEmpty && !word.hasPrefix("-") {
            guard let command = known.first(where: { $0.name == word }) else {
                return known.map(\.name).nearest(to: word).map { "`\((path + [$0]).joined(separator: " "))`" }
            }
            path.append(word)
            known = command.commands
        }
        return nil
    }
}
