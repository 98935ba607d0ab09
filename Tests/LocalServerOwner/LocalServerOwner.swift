import CLibpq
import Glibc
import Postgres
import SystemPackage

/// A process that owns local servers, for tests that kill it, run it as another user or measure it.
@main
struct LocalServerOwner {
    static func main() async throws {
        let arguments = CommandLine.arguments.dropFirst()
        switch arguments.first {
        case "hold": try await hold(count: Int(arguments.last ?? "") ?? 1)
        case "ask": try await ask()
        case "develop": try await develop(directory: arguments.last ?? "")
        case "halt": await halt(directory: arguments.last ?? "")
        case "measure": try await measure(count: Int(arguments.last ?? "") ?? 20)
        default: throw UsageError()
        }
    }

    struct UsageError: Error {}

    /// Starts servers, all at once, says where each is, and waits to be killed.
    static func hold(count: Int) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<count {
                group.addTask {
                    try await withLocalServer { server in
                        write("\(server.path)")
                        while true { try await Task.sleep(for: .seconds(3600)) }
                    }
                }
            }
            try await group.waitForAll()
        }
    }

    /// Starts a server, says what it answers, and ends.
    static func ask() async throws {
        try await withLocalServer { server in
            write(answer(to: "SELECT current_user || ' on ' || current_database()", at: server.connectionString()))
        }
    }

    /// Starts a development server and leaves it behind.
    static func develop(directory: String) async throws {
        write(try await DevelopmentServer(directory: FilePath(directory)).start().url)
    }

    /// Stops a development server, or says why not.
    static func halt(directory: String) async {
        do {
            try await DevelopmentServer(directory: FilePath(directory)).stop()
            write("stopped")
        } catch {
            write("\(error)")
        }
    }

    /// Says how long starts, first answers and stops take.
    static func measure(count: Int) async throws {
        try await withLocalServer { _ in }  // makes the template
        var ready: [Duration] = []
        var answered: [Duration] = []
        var stopped: [Duration] = []
        for _ in 0..<count {
            let clock = ContinuousClock()
            let called = clock.now
            let server = try await LocalServer.start()
            ready.append(clock.now - called)
            write(answer(to: "SELECT 1", at: server.connectionString()), isShown: false)
            answered.append(clock.now - called)
            let left = clock.now
            await server.stop()
            stopped.append(clock.now - left)
        }
        for (name, times) in [("ready", ready), ("first answer", answered), ("stop", stopped)] {
            let sorted = times.sorted()
            let shown = [sorted[0], sorted[count / 2], sorted[count - 1]].map(milliseconds)
            write("\(name): least \(shown[0]), median \(shown[1]), most \(shown[2]) ms")
        }
    }

    private static func milliseconds(_ duration: Duration) -> Int {
        Int(duration / .milliseconds(1))
    }

    private static func answer(to sql: String, at url: String) -> String {
        let connection = PQconnectdb(url)
        defer { PQfinish(connection) }
        let result = PQexec(connection, sql)
        defer { PQclear(result) }
        guard PQresultStatus(result) == PGRES_TUPLES_OK else { return String(cString: PQerrorMessage(connection)) }
        return String(cString: PQgetvalue(result, 0, 0))
    }

    /// Writes a line at once: a buffer would be lost when the process is killed.
    private static func write(_ line: String, isShown: Bool = true) {
        if isShown { _ = (line + "\n").withCString { Glibc.write(1, $0, strlen($0)) } }
    }
}
