import Subprocess
import SystemPackage

extension Surroundings {
    /// Runs a program to its end, as the server's user.
    ///
    /// - Parameters:
    ///   - program: the path of the program.
    ///   - arguments: what it is started with.
    ///   - input: what it reads from its standard input.
    ///   - createSession: whether it gets a session of its own, where Ctrl-C does not reach it.
    /// - Returns: what it wrote to its standard output, without blanks around it.
    /// - Throws: ``LocalServerError`` with what it wrote to its standard error, when it cannot be run or says no.
    @discardableResult
    func output(of program: FilePath, _ arguments: [String], input: String = "", createSession: Bool = false)
        async throws -> String
    {
        try await output(of: program, arguments, from: .string(input), createSession: createSession)
    }

    /// Runs a program to its end, as the server's user, with an input of any kind.
    @discardableResult
    func output<Input: InputProtocol>(
        of program: FilePath,
        _ arguments: [String],
        from input: Input,
        createSession: Bool = false
    ) async throws -> String {
        let command = user.configuration(
            program,
            arguments,
            environment: .custom(customEnvironment),
            createSession: createSession
        )
        let result: ExecutionResult<Void, StringOutput<UTF8>, StringOutput<UTF8>>
        do {
            result = try await run(
                command,
                input: input,
                output: .string(limit: 1 << 20),
                error: .string(limit: 1 << 20)
            )
        } catch let error as SubprocessError {
            throw LocalServerError.programFailed(program, reason: "\(error)")
        }
        try Task.checkCancellation()
        guard result.terminationStatus.isSuccess else {
            let words = result.standardError.lastLines(10)
            throw LocalServerError.programFailed(program, reason: words.isEmpty ? "\(result.terminationStatus)" : words)
        }
        return result.standardOutput
    }

    /// The environment in the form that a subprocess takes.
    var customEnvironment: [Environment.Key: String] {
        Dictionary(uniqueKeysWithValues: environment.map { (Environment.Key(stringLiteral: $0.key), $0.value) })
    }

    /// Removes a folder of the server's user with all that is in it, also in a cancelled task.
    func remove(_ folder: FilePath) async {
        // As the server's user and not as root: what lies in the folder may be made by foreign SQL. In a task of its
        // own, since the cancellation of ours would stop it half way. What could not be removed is left to a sweep.
        await Task { _ = try? await output(of: "/bin/rm", ["-rf", "--", folder.string]) }.value
    }
}

extension String {
    /// The last lines, without blanks around them.
    func lastLines(_ count: Int) -> String {
        split(whereSeparator: \.isNewline).suffix(count).joined(separator: "\n")
    }
}
