import Foundation

/// A server on this machine that speaks the protocol of S3 (moto's), which all tests of a process share.
///
/// It ends with the process, whose end closes its standard input.
public actor Moto {
    /// The server.
    public static let shared = Moto()

    private var running: (process: Process, input: Pipe, endpoint: String)?

    /// The server's address.
    ///
    /// - Throws: ``MissingMoto`` if it is not installed: a test of object storage fails then.
    public func endpoint() throws -> String {
        if let running { return running.endpoint }
        let python = try Self.python()
        let process = Process()
        process.executableURL = URL(filePath: python)
        process.arguments = [
            URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Moto/server.py").path
        ]
        // What a test asks of it is not to depend on who runs the test.
        process.environment = ["PATH": "/usr/bin:/bin", "S3_UPLOAD_PART_MIN_SIZE": "65536"]
        let input = Pipe()
        let output = Pipe()
        process.standardInput = input
        process.standardOutput = output
        process.standardError = FileHandle.nullDevice
        try process.run()
        var line: [UInt8] = []
        while let byte = try output.fileHandleForReading.read(upToCount: 1)?.first, byte != UInt8(ascii: "\n") {
            line.append(byte)
        }
        guard let port = Int(String(decoding: line, as: UTF8.self)) else { throw MissingMoto(place: python) }
        let endpoint = "http://127.0.0.1:\(port)"
        running = (process, input, endpoint)
        return endpoint
    }

    /// The Python in whose environment moto is.
    public static func python() throws -> String { try PythonEnvironment.python(of: "moto") }
}

/// The server of moto is not installed.
public struct MissingMoto: Error, CustomStringConvertible {
    let place: String

    /// What to do.
    public var description: String { "there is no moto in \(place): run script/moto" }
}
