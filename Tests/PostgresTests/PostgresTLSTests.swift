import SystemPackage
import TestSupport
import Testing

@testable import Postgres

@Suite("A connection over TLS")
struct PostgresTLSTests {
    @Test("to a server whose certificate is known and names the host is made under verify-full")
    func verifies() async throws {
        try await withTLSServer { server in
            let settings = server.settings.with("sslmode", "verify-full").with("sslrootcert", server.certificate)
            try await withPostgresConnection(to: settings) { connection in
                let isEncrypted = try await connection.isEncrypted
                #expect(isEncrypted)
            }
        }
    }

    @Test("is refused in words when the certificate is not the known one's, or names another host")
    func refuses() async throws {
        try await withTLSServer { server in
            let verifying = server.settings.with("sslmode", "verify-full")
            let stranger = verifying.with("sslrootcert", server.otherCertificate)
            let untrusted = await #expect(throws: PostgresError.self) { try await PostgresConnection.open(stranger) }
            #expect(untrusted?.code == .connectionFailed)
            #expect(untrusted?.message.contains("certificate verify failed") == true)
            #expect(untrusted?.message.hasPrefix("no connection to localhost:\(server.port), database") == true)
            let elsewhere = verifying.with("sslrootcert", server.certificate).with("host", "db.example.com")
            let misnamed = await #expect(throws: PostgresError.self) { try await PostgresConnection.open(elsewhere) }
            #expect(misnamed?.code == .connectionFailed)
            #expect(misnamed?.message.contains("\"localhost\"") == true)
            #expect(misnamed?.message.contains("does not match host name \"db.example.com\"") == true)
            let absent = verifying.with("sslrootcert", "/nonexistent/root.crt")
            let rootless = await #expect(throws: PostgresError.self) { try await PostgresConnection.open(absent) }
            #expect(rootless?.code == .connectionFailed)
            #expect(rootless?.message.contains("/nonexistent/root.crt") == true)
        }
    }

    @Test("is made under require without a look at the certificate, and not at all under disable")
    func requires() async throws {
        try await withTLSServer { server in
            for (mode, isEncrypted) in [("require", true), ("prefer", true), ("disable", false)] {
                try await withPostgresConnection(to: server.settings.with("sslmode", mode)) { connection in
                    let found = try await connection.isEncrypted
                    #expect(found == isEncrypted, "\(mode)")
                }
            }
        }
    }

    @Test("does what others do: a pipeline, a COPY read whole and one left early, a notification")
    func works() async throws {
        try await withTLSServer { server in
            try await withPostgresConnection(to: server.settings.with("sslmode", "require")) { connection in
                let answers = try await connection.pipeline([
                    PostgresStatement("SELECT 1"), PostgresStatement("SELECT 2"),
                ])
                #expect(answers.count == 2)
                var bytes = 0
                for try await chunk in connection.copyOut("COPY (SELECT generate_series(1, 100000)) TO STDOUT") {
                    bytes += chunk.count
                }
                #expect(bytes == 588_895)
                for try await _ in connection.copyOut("COPY (SELECT generate_series(1, 1000000000)) TO STDOUT") {
                    break
                }
                var notifications = try await connection.notifications(on: "c").makeAsyncIterator()
                try await connection.query("NOTIFY c, 'here'")
                #expect(try await notifications.next()?.payload == "here")
            }
        }
    }

    @Test("to a server without TLS is refused under require")
    func refusesPlainServers() async throws {
        try await withTLSServer(isEncrypting: false) { server in
            let error = await #expect(throws: PostgresError.self) {
                try await PostgresConnection.open(server.settings.with("sslmode", "require"))
            }
            #expect(error?.code == .connectionFailed)
            #expect(error?.message.contains("server does not support SSL") == true)
        }
    }
}

/// A server on a port of this machine.
private struct TLSServer {
    let port: Int
    /// The server's own certificate, which is its own root.
    let certificate: String
    /// Another one for the same host.
    let otherCertificate: String

    var settings: ConnectionSettings {
        ConnectionSettings.defaults.with("host", "localhost").with("hostaddr", "127.0.0.1").with("port", "\(port)")
            .with("user", "postgres").with(database: "postgres")
    }
}

/// Runs a test on a server that listens on the loopback device, with a certificate that it has signed itself.
private func withTLSServer(
    isEncrypting: Bool = true,
    _ body: (TLSServer) async throws -> Void
) async throws {
    try await Workshop.use { workshop in
        let surroundings = workshop.surroundings
        let keys = workshop.folder.appending("keys")
        try surroundings.user.createPrivateFolder(keys)
        for name in ["server", "other"] {
            let files = ["-keyout", keys.appending("\(name).key").string, "-out", keys.appending("\(name).crt").string]
            let subject = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"]
            let kind = ["-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"]
            try await surroundings.output(of: "/usr/bin/openssl", ["req"] + kind + files + subject)
        }
        let installation = try await installationWithTLS(surroundings)
        let template = Template(installation, surroundings)
        try await template.prepare()
        let lock = try ServerFolder.claim(in: surroundings)
        let folder = ServerFolder(lockedBy: lock)
        let port = try SilentListener().port  // free again when the listener is gone
        let settings = [
            "listen_addresses=127.0.0.1", "port=\(port)", "unix_socket_directories=", "fsync=off",
            "ssl=\(isEncrypting ? "on" : "off")", "ssl_cert_file=\(keys)/server.crt", "ssl_key_file=\(keys)/server.key",
        ]
        let command = [installation.program("postgres").string, "-D", folder.data.string]
        let watchdog = try Watchdog(
            folder: folder,
            lock: lock,
            template: template.folder,
            command: command + settings.flatMap { ["-c", $0] },
            surroundings
        )
        let server = TLSServer(
            port: port,
            certificate: keys.appending("server.crt").string,
            otherCertificate: keys.appending("other.crt").string
        )
        do {
            let isReady = try await eventually {
                folder.exited.exists || PostmasterFile(dataFolder: folder.data)?.isReady == true
            }
            #expect(isReady && !folder.exited.exists, "\(folder.log.text ?? "no log")")
            try await body(server)
        } catch {
            await watchdog.release()
            throw error
        }
        await watchdog.release()
        lock.removeFile()
    }
}

/// The first installation that was built with TLS; the servers of Python's package are not.
private func installationWithTLS(_ surroundings: Surroundings) async throws -> PostgresInstallation {
    for installation in try await InstallationSearch(surroundings).run().installations {
        let settings = try await surroundings.output(of: installation.program("postgres"), ["--describe-config"])
        // Built without TLS, the default for its ciphers is "none".
        let ciphers = settings.split(separator: "\n").first { $0.hasPrefix("ssl_ciphers\t") }
        if let ciphers, !ciphers.split(separator: "\t").contains("none") {
            return installation
        }
    }
    throw NoTLS()
}

private struct NoTLS: Error {}

extension PostgresConnection {
    fileprivate var isEncrypted: Bool {
        get async throws {
            try await query("SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()").single.decode(Bool.self)
        }
    }
}
