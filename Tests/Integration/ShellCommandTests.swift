import ProjectSettings
import TestSupport
import Testing

@testable import lastro

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

@Suite("A command of the configuration")
struct ShellCommandTests {
    private let place = SettingPlace.variable("LASTRO_PASSWORD_COMMAND")

    private func error(of command: String, patience: Duration = .seconds(30)) async throws -> String {
        let error = await #expect(throws: ConfigurationError.self) {
            try await ShellCommand(command, patience: patience).password(for: .passwordCommand, at: place)
        }
        return "\(try #require(error))"
    }

    @Test("gives its first line")
    func givesALine() async throws {
        func password(_ command: String) async throws -> String {
            try await ShellCommand(command).password(for: .passwordCommand, at: place)
        }
        #expect(try await password("echo one; echo two") == "one")
        #expect(try await password(#"printf 'p@s s\r\n'"#) == "p@s s")
        #expect(try await password("printf 'no end'") == "no end")
        #expect(try await password("cat; echo empty input") == "empty input")
        #expect(try await password("echo x; head -c 1000000 /dev/zero; echo complaint >&2") == "x")
        // A child that holds the pipe does not hold up anybody.
        let start = ContinuousClock.now
        #expect(try await password("echo early; sleep 20 &") == "early")
        #expect(start.duration(to: .now) < .seconds(10))
    }

    @Test("is told with its end and its standard error, never with what it printed")
    func explainsFailures() async throws {
        #expect(
            try await error(of: "echo hunter2; echo 'no vault: hunter2 is sealed' >&2; exit 3") == """
                LASTRO_PASSWORD_COMMAND in the environment: the command ended with status 3; it said
                    no vault: *** is sealed
                  state: nothing was run
                  next:  its first line is taken for the password
                """
        )
        #expect(try await error(of: "kill -9 $$").contains("the command was ended by signal 9\n"))
        #expect(try await error(of: "true").contains("the first line of the command's output is empty\n"))
        #expect(try await error(of: #"printf '\377\n'"#).contains("is no UTF-8 text\n"))
        #expect(try await error(of: "head -c 70000 /dev/zero | tr '\\0' x").contains("does not end\n"))
        #expect(try await error(of: "no-such-program-here").contains("the command ended with status 127; it said\n"))
    }

    @Test("is ended with all that it started when its time is over or it is not wanted any more")
    func isEnded() async throws {
        try await withTemporaryFolder { folder in
            let pid = folder.file("pid")
            let command =
                "trap '' TERM; (trap '' TERM; exec sleep 300) & echo $! > \(pid).new; mv \(pid).new \(pid); wait; wait"
            let text = try await error(of: command, patience: .milliseconds(300))
            #expect(text.contains("the command did not end within 300 ms\n"))
            try await expectGone(folder)

            let task = Task { try await ShellCommand(command).run() }
            while !(try folder.names.contains("pid")) { try await Task.sleep(for: .milliseconds(5)) }
            task.cancel()
            await #expect(throws: CancellationError.self) { try await task.value }
            try await expectGone(folder)
        }
    }

    /// Expects that the process whose number the folder has noted ends, and takes the note out.
    private func expectGone(_ folder: TemporaryFolder) async throws {
        let pid = try folder.read("pid").filter(\.isNumber)
        try folder.delete("pid")
        let limit = ContinuousClock.now.advanced(by: .seconds(10))
        func isThere() -> Bool {
            let status = (try? String(contentsOfFile: "/proc/\(pid)/stat", encoding: .utf8)) ?? ""  // gone
            return !status.isEmpty && !status.contains(") Z ")
        }
        while isThere(), ContinuousClock.now < limit { try await Task.sleep(for: .milliseconds(5)) }
        #expect(!isThere())
    }
}
