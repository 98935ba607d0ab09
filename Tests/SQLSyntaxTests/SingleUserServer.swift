import Foundation

/// PostgreSQL in single-user mode on a folder of its own: no socket, and it ends with its input.
///
/// Started as `nobody` when the tests run as root, since the server refuses to be root.
struct SingleUserServer {
    private let folder: String
    private let binaries: String

    /// Makes a data directory, and removes it when the closure is done.
    static func with<Result>(_ body: (SingleUserServer) throws -> Result) throws -> Result {
        let server = try SingleUserServer()
        defer { try? FileManager.default.removeItem(atPath: server.folder) }  // it is under /tmp: left is not lost
        try server.launch(
            "initdb",
            ["-D", "\(server.folder)/data", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "-N"]
        )
        return try body(server)
    }

    private init() throws {
        folder = NSTemporaryDirectory() + "lastro-sqlsyntax-\(UUID().uuidString)"
        // No other release: the parser's keywords and the server's have to be the same.
        binaries = "/usr/lib/postgresql/15/bin"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        var attributes: [FileAttributeKey: Any] = [.posixPermissions: 0o700]
        if getuid() == 0 { attributes[.ownerAccountName] = "nobody" }
        try FileManager.default.setAttributes(attributes, ofItemAtPath: folder)
    }

    /// Runs statements, each of one query, and returns the lines that the last one gives as one text column.
    func lines(of query: String, after preparation: [String] = []) throws -> [String] {
        let output = "\(folder)/output"
        let statements =
            preparation + [
                "COPY (SELECT encode(convert_to(line, 'UTF8'), 'hex') FROM (\(query)) AS answer (line)) TO '\(output)'"
            ]
        // With -j a statement ends at a semicolon and an empty line.
        let log = try launch(
            "postgres",
            ["--single", "-j", "-F", "-D", "\(folder)/data", "postgres"],
            input: statements.map { "\($0);\n\n" }.joined()
        )
        guard let text = try? String(contentsOfFile: output, encoding: .utf8) else { throw ServerFailure(log: log) }
        try FileManager.default.removeItem(atPath: output)
        return text.split(separator: "\n", omittingEmptySubsequences: false).dropLast().map(decodeHex)
    }

    @discardableResult
    private func launch(_ program: String, _ arguments: [String], input: String = "") throws -> String {
        let process = Process()
        let command = ["\(binaries)/\(program)"] + arguments
        let drop = ["setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups"]
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = (getuid() == 0 ? drop : []) + command
        let inputFile = "\(folder)/input"
        let outputFile = "\(folder)/log"
        try Data(input.utf8).write(to: URL(filePath: inputFile))
        try Data().write(to: URL(filePath: outputFile))
        let log = try FileHandle(forWritingTo: URL(filePath: outputFile))
        process.standardInput = try FileHandle(forReadingFrom: URL(filePath: inputFile))
        process.standardOutput = log
        process.standardError = log
        try process.run()
        process.waitUntilExit()
        let text = try String(contentsOfFile: outputFile, encoding: .utf8)
        guard process.terminationStatus == 0 else { throw ServerFailure(log: text) }
        return text
    }
}

private func decodeHex(_ line: Substring) -> String {
    let digits = line.utf8.compactMap { Character(UnicodeScalar($0)).hexDigitValue }
    let bytes = stride(from: 0, to: digits.count - 1, by: 2).map { UInt8(digits[$0] * 16 + digits[$0 + 1]) }
    return String(decoding: bytes, as: UTF8.self)
}

struct ServerFailure: Error {
    let log: String
}
