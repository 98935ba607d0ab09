import Foundation
import FoundationNetworking
import Postgres
import TestSupport
import Testing

/// The example of an application on the runtime, as its README has it.
@Suite("The shop of the examples")
struct ShopTests {
    @Test("takes orders on the tables of lastro init --runtime, and sends each its receipt")
    func sells() async throws {
        let root = FileManager.default.currentDirectoryPath
        try await withTestDatabase { settings in
            try await withTemporaryFolder { folder in
                try FileManager.default.copyItem(
                    atPath: root + "/Examples/shop/migrations",
                    toPath: folder.file("migrations")
                )
                let lastro = try start("lastro", ["init", "--runtime"], in: folder)
                lastro.waitUntilExit()
                #expect(lastro.terminationStatus == 0)
                #expect(try folder.read("migrations/0002_job_runtime.sql").contains("CREATE TABLE jobs"))

                let shop = try start(
                    "shop",
                    [],
                    in: folder,
                    [
                        "DATABASE_URL": settings.description, "SHOP_TOKEN": "till", "SHOP_PORT": "0",
                        "SHOP_PROBE_PORT": "0",
                    ]
                )
                defer { if shop.isRunning { kill(shop.processIdentifier, SIGKILL) } }
                let port = try await port(of: "HTTP is served", in: folder, of: shop)
                let ordered = try await ask(port, "/orders", sending: "{\"item\": \"tea\"}")
                let order = try #require(ordered["id"] as? String)
                #expect(ordered["item"] as? String == "tea" && ordered["receiptSentAt"] == nil)
                let limit = ContinuousClock.now + .seconds(60)
                while try await ask(port, "/orders/\(order)")["receiptSentAt"] == nil {
                    let log = try folder.read("log")
                    try #require(ContinuousClock.now < limit, "no receipt: \(log)")
                    try await Task.sleep(for: .milliseconds(20))
                }
                #expect(try await ask(port, "/api/jobs")["code"] as? String == "unauthorized")
                let jobs = try await ask(port, "/api/jobs?type=send-receipt", token: "till")["jobs"] as? [[String: Any]]
                #expect(jobs?.count == 1)
                kill(shop.processIdentifier, SIGTERM)
                shop.waitUntilExit()
                let log = try folder.read("log")
                #expect(shop.terminationStatus == 0, "\(log)")
            }
        }
    }

    /// Starts a program that was built with the tests.
    private func start(
        _ name: String,
        _ arguments: [String],
        in folder: TemporaryFolder,
        _ environment: [String: String] = [:]
    ) throws -> Process {
        let own = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        try folder.write("", to: "log")
        let log = try #require(FileHandle(forWritingAtPath: folder.file("log")))
        let process = Process()
        process.executableURL = URL(filePath: own).deletingLastPathComponent().appending(path: name)
        process.arguments = arguments
        process.currentDirectoryURL = URL(filePath: folder.path)
        process.environment = environment.merging(["PATH": "/usr/bin:/bin", "HOME": folder.path]) { first, _ in first }
        process.standardOutput = log
        process.standardError = log
        try process.run()
        return process
    }

    /// The port that a line of the log names.
    private func port(of message: String, in folder: TemporaryFolder, of process: Process) async throws -> Int {
        let limit = ContinuousClock.now + .seconds(60)
        while true {
            let log = try folder.read("log")
            for line in log.split(separator: "\n") where line.contains("\"message\":\"\(message)\"") {
                let object = try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any]
                return try #require((object?["port"] as? String).flatMap { Int($0) })
            }
            try #require(process.isRunning && ContinuousClock.now < limit, "\(log)")
            try await Task.sleep(for: .milliseconds(20))
        }
    }

    private func ask(
        _ port: Int,
        _ path: String,
        sending body: String? = nil,
        token: String? = nil
    ) async throws -> [String: Any] {
        var request = URLRequest(url: try #require(URL(string: "http://127.0.0.1:\(port)\(path)")))
        request.httpMethod = body == nil ? "GET" : "POST"
        request.httpBody = body.map { Data($0.utf8) }
        if body != nil { request.setValue("application/json", forHTTPHeaderField: "Content-Type") }
        if let token { request.setValue("Bearer \(token)", forHTTPHeaderField: "Authorization") }
        let (data, _) = try await URLSession.shared.data(for: request)
        return try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
    }
}
