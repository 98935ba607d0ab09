import AppRuntime
import Foundation
import Postgres
import ProjectSettings
import TestSupport
import Testing

@testable import study_app

@Suite("The configuration of alerts")
struct AlertConfigurationTests {
    /// Reads a `lastro.yaml` in a folder.
    private func configuration(
        _ yaml: String,
        in folder: TemporaryFolder,
        _ process: [String: String] = [:]
    ) throws -> AlertConfiguration {
        try folder.write(yaml, to: "lastro.yaml")
        let flags: [(setting: AppSetting, flag: String, value: String?)] = [
            (.configuration, "--config", folder.file("lastro.yaml"))
        ]
        let settings = try AppSettings(flags: flags, process: process)
        return try AlertReader(ProjectFile(settings), settings).configuration()
    }

    @Test("leads each rule to the channels that are told it, which deliver")
    func delivers() async throws {
        try await withTemporaryFolder(["secret": "s3cr3t\n", "url": "https://127.0.0.1:9/lastro\n"]) { folder in
            try folder.write("#!/bin/sh\ncat > \"$1\"\n", to: "bin/page")
            try FileManager.default.setAttributes(
                [.posixPermissions: 0o755],
                ofItemAtPath: folder.file("bin/page")
            )
            let alerts = try configuration(
                """
                migrations: db
                alerts:
                  webhook-hosts: [hooks.example.com, 127.0.0.1]
                  channels:
                    - name: on-call
                      webhook: file:url
                      secret: file:secret
                      from: high
                    - name: page
                      command: bin/page
                      arguments: ["\(folder.file("told, all of it"))"]
                      timeout: 20s
                      rules: [drift, backup-old]
                """,
                in: folder
            )
            #expect(
                alerts.words
                    == "told in the log, on-call (127.0.0.1, from high on), page (\(folder.file("bin/page")), of drift, backup-old)"
            )
            let channels = Dictionary(uniqueKeysWithValues: alerts.rules.map { ($0.name, $0.channels) })
            #expect(channels["backup-old"] == ["log", "on-call", "page"] && channels["drift"] == ["log", "page"])
            #expect(channels["error-rate"] == ["log", "on-call"] && channels["dead-rows"] == ["log"])
            try await withStudyDatabase { settings, pool in
                try await pool.withConnection { try await AlertRule.store(alerts.rules, on: $0) }
                try await pool.run(
                    """
                    WITH a AS (
                        INSERT INTO ops_alertas (chave, severidade, titulo) VALUES ('backup-old/x', 'critica', 'no backup')
                        RETURNING id
                    )
                    INSERT INTO alert_deliveries (alert_id, channel, event)
                    SELECT a.id, unnest(r.channels), 'opened' FROM a, alert_rules r WHERE r.name = 'backup-old'
                    """
                )
                let service = AlertService(to: settings, channels: alerts.channels, every: .milliseconds(50))
                let running = Task { try await service.run() }
                defer { running.cancel() }
                try await pool.withConnection { connection in
                    try await connection.wait(
                        until: """
                            SELECT count(*) FILTER (WHERE delivered_at IS NOT NULL) = 2 AND count(last_error) = 1
                            FROM alert_deliveries WHERE channel IN ('log', 'page', 'on-call')
                            """
                    )
                }
                // Allowed by name, and refused all the same: it is this machine.
                let refusal = try await pool.ask(
                    "SELECT last_error FROM alert_deliveries WHERE channel = 'on-call'",
                    as: String.self
                )
                #expect(refusal.contains("its address is loopback") && !refusal.contains("s3cr3t"))
                #expect(try folder.read("told, all of it").contains("\"title\":\"no backup\""))
                running.cancel()
                try await running.value
            }
        }
    }

    @Test("is that of the chosen environment, and the log alone where there is none")
    func chooses() async throws {
        try await withTemporaryFolder { folder in
            let yaml = """
                alerts:
                  channels: [{name: a, command: /bin/true}]
                environments:
                  quiet: {alerts: }
                  live:
                    alerts:
                      channels: [{name: b, command: /bin/true, from: critical}]
                  other: {role: x}
                """
            func names(_ environment: String?) throws -> [String] {
                try configuration(yaml, in: folder, environment.map { ["LASTRO_ENV": $0] } ?? [:]).configured.map(
                    \.channel.name
                )
            }
            let chosen = try [nil, "live", "quiet", "other"].map(names)
            #expect(chosen == [["a"], ["b"], [], ["a"]])
            let error = #expect(throws: ConfigurationError.self) { try names("lvie") }
            #expect(error?.next == "there are quiet, live, other")
            let silent = try configuration("role: x\n", in: folder)
            #expect(silent.words == "told in the log alone")
        }
    }

    @Test(
        "is refused at the place of a mistake, before anything starts",
        arguments: [
            ("alerts: yes", ":1:9: alerts: channels were expected"),
            ("alerts:\n  hosts: x", ":2:3: alerts: \"hosts\" is not known here"),
            ("alerts:\n  channels: x", ":2:13: alerts: a list was expected"),
            ("alerts:\n  channels:\n  - command: /bin/true", ":3:5: alerts: a channel has no name"),
            ("alerts:\n  channels:\n  - name: a", "a is neither a webhook nor a command"),
            ("alerts:\n  channels:\n  - {name: a, webhook: x, command: y}", "a is both a webhook and a command"),
            ("alerts:\n  channels:\n  - {name: a, wehbook: x}", "did you mean \"webhook\"?"),
            ("alerts:\n  channels:\n  - {name: a, command: true}", "true is no program that this user may run"),
            (
                "alerts:\n  channels:\n  - {name: a, command: /bin/true, secret: env:PATH}",
                "secret belongs to a webhook"
            ),
            ("alerts:\n  channels:\n  - {name: log, command: /bin/true}", "there are two channels \"log\""),
            ("alerts:\n  channels:\n  - {name: a, command: /bin/true, from: hgih}", "\"hgih\" is no severity"),
            ("alerts:\n  channels:\n  - {name: a, command: /bin/true, rules: [drif]}", "did you mean drift?"),
            ("alerts:\n  channels:\n  - {name: a, command: /bin/true, timeout: soon}", "\"soon\" cannot be read"),
            ("alerts:\n  channels:\n  - {name: a, webhook: \"https://h.example/\"}", "a has no secret to sign with"),
            (
                "alerts:\n  channels:\n  - {name: a, webhook: \"https://h.example/\", secret: s3cr3t}",
                "the secret of a stands in the file itself"
            ),
            (
                "alerts:\n  channels:\n  - {name: a, webhook: \"https://h.example/\", secret: \"env:NOT_SET\"}",
                "the environment has no NOT_SET"
            ),
            (
                "alerts:\n  channels:\n  - {name: a, webhook: \"https://h.example/\", secret: \"env:PATH\"}",
                "the configuration does not allow this host"
            ),
            (
                "alerts:\n  webhook-hosts: h.example\n  channels:\n  - {name: a, webhook: \"http://h.example/\", secret: \"env:PATH\"}",
                "it is not https"
            ),
        ]
    )
    func refuses(yaml: String, words: String) async throws {
        try await withTemporaryFolder { folder in
            let error = #expect(throws: ConfigurationError.self) { try configuration(yaml, in: folder) }
            let text = "\(try #require(error))"
            #expect(text.contains(words), "\(text)")
            #expect(!text.contains("s3cr3t"))
        }
    }
}
