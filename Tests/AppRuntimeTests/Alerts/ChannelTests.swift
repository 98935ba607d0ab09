import Foundation
import Subprocess
import SystemPackage
import TestSupport
import Testing

@testable import AppRuntime

@Suite("A channel of alerts")
struct ChannelTests {
    private let message = AlertMessage(
        delivery: "d-1",
        attempt: 2,
        event: "opened",
        alert: "a-1",
        key: "oldest-age/x",
        severity: .high,
        title: "$(touch hacked); 'quoted' \"title\"\nsecond line",
        details: "{}",
        openedAt: "2026-01-02T03:04:05Z",
        resolvedAt: nil
    )

    @Test("for commands hands the data over on standard input, without a shell and without secrets")
    func command() async throws {
        try await withTemporaryFolder([:]) { folder in
            let program = folder.file("tell")
            try folder.write("#!/bin/sh\ncat > \"$1\"\nenv > \"$1.env\"\n", to: "tell")
            try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: program)
            setenv("LASTRO_TEST_SECRET", "hidden", 1)
            let channel = CommandChannel("c", program: program, arguments: [folder.file("got; touch hacked")])
            try await channel.deliver(message)
            let got = try folder.read("got; touch hacked")
            #expect(got == message.json + "\n")
            let read = try JSONSerialization.jsonObject(with: Data(got.utf8)) as? [String: Any]
            let alert = try #require(read?["alert"] as? [String: Any])
            #expect(alert["title"] as? String == message.title && alert["severity"] as? String == "high")
            #expect(try !folder.read("got; touch hacked.env").contains("hidden"))
            let failing = CommandChannel("c", program: "/bin/sh", arguments: ["-c", "echo no room >&2; exit 3"])
            let error = await #expect(throws: AppRuntimeError.self) { try await failing.deliver(message) }
            #expect(error?.message.contains("no room") == true)
            let endless = CommandChannel("c", program: "/bin/sleep", arguments: ["600"], timeout: .milliseconds(50))
            await #expect(throws: AppRuntimeError.self) { try await endless.deliver(message) }
        }
    }

    @Test("for webhooks is refused where it does not lead to a host that is allowed")
    func refusals() async throws {
        let secret = SecretReference.environment("PATH")
        for (url, hosts) in [
            ("http://hooks.example.com/x", ["hooks.example.com"]), ("https://evil.example.com/", ["hooks.example.com"]),
            ("https://user:password@hooks.example.com/", ["hooks.example.com"]), ("file:///etc/passwd", [""]),
            ("https:///", [""]),
        ] {
            let error = #expect(throws: AppRuntimeError.self) {
                _ = try WebhookChannel("w", url: url, allowing: hosts, secret: secret)
            }
            #expect(error?.message.contains("password@") == false)
        }
        // Allowed by name, and still not this machine.
        for host in ["localhost", "127.0.0.1", "[::1]"] {
            let name = host.replacing("[", with: "").replacing("]", with: "")
            let channel = try WebhookChannel("w", url: "https://\(host):9/", allowing: [host, name], secret: secret)
            let error = await #expect(throws: AppRuntimeError.self) { try await channel.deliver(message) }
            #expect(error?.message.contains("its address is loopback") == true, "\(String(describing: error))")
        }
    }

    @Test(
        "knows addresses that are not of the Internet",
        arguments: [
            ("127.0.0.1", true), ("127.9.9.9", true), ("10.1.2.3", true), ("172.16.0.1", true), ("172.32.0.1", false),
            ("192.168.1.1", true), ("169.254.169.254", true), ("100.64.0.1", true), ("100.128.0.1", false),
            ("0.0.0.0", true), ("224.0.0.1", true), ("255.255.255.255", true), ("8.8.8.8", false), ("198.18.0.1", true),
            ("::1", true), ("::", true), ("fe80::1", true), ("fd00::1", true), ("ff02::1", true),
            ("::ffff:127.0.0.1", true), ("::ffff:8.8.8.8", false), ("64:ff9b::a00:1", true), ("2002:7f00:1::", true),
            ("2001:db8::1", true), ("2606:4700::1111", false), ("somewhere", true),
        ]
    )
    func addresses(text: String, isRefused: Bool) {
        #expect((RefusedAddress.reason(text) != nil) == isRefused)
    }

    @Test("for webhooks signs what it sends, and follows no redirect")
    func webhook() async throws {
        try await withTemporaryFolder(["server.py": server, "secret": "s3cr3t\n"]) { folder in
            let made = try await run(
                .name("openssl"),
                arguments: [
                    "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "1",
                    "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1", "-keyout",
                    folder.file("key.pem"), "-out", folder.file("cert.pem"),
                ],
                output: .discarded,
                error: .string(limit: 4096)
            )
            try #require(made.terminationStatus.isSuccess, "\(made.standardError)")
            let serving = Task {
                try await run(
                    .name("python3"),
                    arguments: [folder.file("server.py"), folder.path],
                    output: .discarded,
                    error: .string(limit: 65536)
                )
            }
            try await wait(for: "the webhook's server") { FileManager.default.fileExists(atPath: folder.file("port")) }
            let port = try folder.read("port")
            func channel(_ path: String, authorities: String? = folder.file("cert.pem")) throws -> WebhookChannel {
                try WebhookChannel(
                    "w",
                    url: "https://localhost:\(port)/\(path)",
                    allowing: ["localhost"],
                    secret: .file(folder.file("secret")),
                    trust: WebhookTrust(allowsLoopback: true, authorities: authorities)
                )
            }
            try await channel("ok").deliver(message)
            for path in ["redirect", "fail"] {
                await #expect(throws: AppRuntimeError.self) { try await channel(path).deliver(message) }
            }
            // A certificate that nobody vouches for.
            await #expect(throws: AppRuntimeError.self) { try await channel("ok", authorities: nil).deliver(message) }
            serving.cancel()
            _ = try? await serving.value  // it was told to end
            let lines = try folder.read("requests").split(separator: "\n")
            #expect(lines.map { $0.prefix(while: { $0 != " " }) } == ["/ok", "/redirect", "/fail"])
            let parts = lines[0].split(separator: " ", maxSplits: 4)
            let (timestamp, signature) = (String(parts[1]), String(parts[2]))
            let body = try #require(Data(base64Encoded: String(parts[3])))
            #expect(Array(body) == Array(message.json.utf8))
            let expected = try WebhookChannel.signature(of: Array(body), at: timestamp, key: "s3cr3t")
            #expect(signature == "v1=\(expected)")
            #expect(abs(try #require(Double(timestamp)) - Date().timeIntervalSince1970) < 300)
        }
        // The signature is that of other implementations (RFC 4231's construction, computed with Python's hmac).
        #expect(
            try WebhookChannel.signature(of: Array("body".utf8), at: "1700000000", key: "key")
                == "47b6ce0fca59474308e2921c247cb2493dce6b8101d90ac05bd0c6a37d0e046e"
        )
    }

    @Test("reads its secret anew each time, and names the place where it is missing")
    func secrets() throws {
        let error = #expect(throws: AppRuntimeError.self) { try SecretReference.file("/nowhere/secret").value() }
        #expect(error?.message.contains("/nowhere/secret") == true)
        #expect(throws: AppRuntimeError.self) { try SecretReference.environment("LASTRO_NOT_SET").value() }
        setenv("LASTRO_TEST_KEY", "one", 1)
        #expect(try SecretReference.environment("LASTRO_TEST_KEY").value() == "one")
    }
}

/// A server with TLS that writes down what it is sent.
private let server = """
    import base64, http.server, os, ssl, sys
    folder = sys.argv[1]
    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers['Content-Length']))
            with open(folder + '/requests', 'a') as log:
                log.write(f"{self.path} {self.headers['Lastro-Timestamp']} {self.headers['Lastro-Signature']} "
                          f"{base64.b64encode(body).decode()} {self.headers['Lastro-Delivery']}\\n")
            status = {'/ok': 204, '/redirect': 302}.get(self.path, 500)
            self.send_response(status)
            if status == 302: self.send_header('Location', '/ok')
            self.send_header('Content-Length', '0')
            self.end_headers()
        def log_message(self, *words): pass
    server = http.server.HTTPServer(('127.0.0.1', 0), Handler)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder + '/cert.pem', folder + '/key.pem')
    server.socket = context.wrap_socket(server.socket, server_side=True)
    with open(folder + '/port.new', 'w') as file: file.write(str(server.server_port))
    os.rename(folder + '/port.new', folder + '/port')
    server.serve_forever()
    """
