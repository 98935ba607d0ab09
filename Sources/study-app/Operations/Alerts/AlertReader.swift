import AppRuntime
import Foundation
import ProjectSettings
import SourceText

/// Reads `alerts:` of `lastro.yaml`: the channels, and the hosts that webhooks may go to.
///
/// Everything that can be found out without sending anything is an error here, before the application starts.
struct AlertReader {
    private let file: ProjectFile
    private let settings: AppSettings
    private let reader: StructureReader

    private static let example =
        "- name: on-call, webhook: https://hooks.example.com/…, secret: env:ON_CALL_SECRET"

    /// Reads nothing yet.
    init(_ file: ProjectFile, _ settings: AppSettings) {
        self.file = file
        self.settings = settings
        reader = StructureReader(file: file.path, key: "alerts")
    }

    /// The configuration; the log alone where the file has none.
    ///
    /// - Throws: `ConfigurationError` at the place of a mistake; never with a secret in it.
    func configuration() throws(ConfigurationError) -> AlertConfiguration {
        guard let node = file["alerts"], node.content != .none else { return AlertConfiguration() }
        guard case .mapping(let entries) = node.content else {
            throw reader.mistake(
                "channels were expected",
                at: node.position,
                next: "write channels: and under it \(Self.example)"
            )
        }
        var hosts: [String] = []
        var channels: [YAMLFile.Node] = []
        for entry in entries {
            switch entry.key {
            case "webhook-hosts": hosts = try texts(entry, "hooks.example.com")
            case "channels":
                guard case .list(let nodes) = entry.value.content else {
                    throw reader.mistake("a list was expected", at: entry.value.position, next: "write \(Self.example)")
                }
                channels = nodes
            default:
                throw reader.mistake(
                    "\"\(entry.key)\" is not known here",
                    at: entry.position,
                    next: "there are channels, webhook-hosts"
                )
            }
        }
        var configured: [AlertConfiguration.Channel] = []
        for node in channels {
            let channel = try channel(node, hosts)
            guard channel.channel.name != "log",
                !configured.contains(where: { $0.channel.name == channel.channel.name })
            else {
                throw reader.mistake(
                    "there are two channels \"\(channel.channel.name)\"",
                    at: node.position,
                    next: "give each a name of its own; log is always there"
                )
            }
            configured.append(channel)
        }
        return AlertConfiguration(configured)
    }

    private func channel(
        _ node: YAMLFile.Node,
        _ hosts: [String]
    ) throws(ConfigurationError) -> AlertConfiguration.Channel {
        let known = ["name", "webhook", "secret", "command", "arguments", "timeout", "from", "rules"]
        let fields = try reader.fields(node, known: known, example: Self.example)
        guard let name = fields["name"] else {
            throw reader.mistake("a channel has no name", at: node.position, next: "write name: and a word")
        }
        let isWebhook = fields["webhook"] != nil
        guard isWebhook != (fields["command"] != nil) else {
            throw reader.mistake(
                "\(name.text) is \(isWebhook ? "both a webhook and a command" : "neither a webhook nor a command")",
                at: node.position,
                next: "write one of webhook: and command: under it"
            )
        }
        let foreign = isWebhook ? ["arguments", "timeout"] : ["secret"]
        for key in foreign {
            guard let field = fields[key] else { continue }
            throw reader.mistake(
                "\(key) belongs to a \(isWebhook ? "command" : "webhook")",
                at: field.position,
                next: "leave it out"
            )
        }
        var channel =
            isWebhook
            ? try webhook(name.text, node, fields, hosts) : try command(name.text, node, fields)
        if let from = fields["from"] {
            guard let least = AlertSeverity.allCases.first(where: { "\($0)" == from.text }) else {
                let names = AlertSeverity.allCases.map { "\($0)" }.joined(separator: ", ")
                throw reader.mistake(
                    "\"\(from.text)\" is no severity",
                    at: from.position,
                    next: "write one of \(names)"
                )
            }
            channel.least = least
        }
        channel.rules = try rules(node)
        return channel
    }

    private func webhook(
        _ name: String,
        _ node: YAMLFile.Node,
        _ fields: [String: (text: String, position: SourcePosition)],
        _ hosts: [String]
    ) throws(ConfigurationError) -> AlertConfiguration.Channel {
        guard let field = fields["webhook"] else { preconditionFailure("the caller has seen it") }
        guard let secret = fields["secret"] else {
            throw reader.mistake(
                "\(name) has no secret to sign with",
                at: node.position,
                next: "write secret: env:NAME or secret: file:PATH"
            )
        }
        guard let reference = try self.reference(secret) else {
            throw reader.mistake(
                "the secret of \(name) stands in the file itself",
                at: secret.position,
                next: "write env:NAME or file:PATH, which say where it is found"
            )
        }
        _ = try value(of: reference, secret.position)
        // An address may be a secret too: then it stands elsewhere, and the hosts here say where it may lead.
        let elsewhere = try self.reference(field).map { (reference) throws(ConfigurationError) in
            try value(of: reference, field.position)
        }
        let url = elsewhere ?? field.text
        do {
            let channel = try WebhookChannel(name, url: url, allowing: hosts, secret: reference)
            return AlertConfiguration.Channel(channel: channel, words: URL(string: url)?.host ?? "webhook")
        } catch let error as AppRuntimeError {
            throw reader.mistake(
                error.message,
                at: field.position,
                next: "write an https address whose host stands under webhook-hosts"
            )
        } catch {
            throw reader.mistake("\(error)", at: field.position, next: "write an https address")
        }
    }

    private func command(
        _ name: String,
        _ node: YAMLFile.Node,
        _ fields: [String: (text: String, position: SourcePosition)]
    ) throws(ConfigurationError) -> AlertConfiguration.Channel {
        guard let field = fields["command"] else { preconditionFailure("the caller has seen it") }
        let program = SettingsFile.resolve(field.text, writtenIn: file.path)
        guard program.contains("/"), FileManager.default.isExecutableFile(atPath: program) else {
            throw reader.mistake(
                "\(program) is no program that this user may run",
                at: field.position,
                next: "write the path of one; it is not looked for in PATH"
            )
        }
        var timeout = Duration.seconds(30)
        if let text = fields["timeout"] {
            guard let patience = Patience(argument: text.text) else {
                throw reader.mistake(
                    "\"\(text.text)\" cannot be read",
                    at: text.position,
                    next: "write one such as 30s"
                )
            }
            timeout = patience.duration
        }
        let arguments = try entry("arguments", of: node).map { (entry) throws(ConfigurationError) in
            try texts(entry, "--urgent")
        }
        return AlertConfiguration.Channel(
            channel: CommandChannel(name, program: program, arguments: arguments ?? [], timeout: timeout),
            words: program
        )
    }

    private func rules(_ node: YAMLFile.Node) throws(ConfigurationError) -> [String]? {
        guard let entry = entry("rules", of: node) else { return nil }
        let known = AlertRule.standard.map(\.name)
        let names = try texts(entry, "drift")
        for name in names where !known.contains(name) {
            let near = known.nearest(to: name).map { "did you mean \($0)? " } ?? ""
            throw reader.mistake(
                "there is no rule \"\(name)\"",
                at: entry.value.position,
                next: near + "there are \(known.joined(separator: ", "))"
            )
        }
        return names
    }

    private func entry(_ key: String, of node: YAMLFile.Node) -> YAMLFile.Entry? {
        guard case .mapping(let entries) = node.content else { return nil }
        return entries.first { $0.key == key }
    }

    /// A text or a list of texts, each as it stands.
    private func texts(_ entry: YAMLFile.Entry, _ example: String) throws(ConfigurationError) -> [String] {
        switch entry.value.content {
        case .scalar(let text): return [text]
        case .list(let nodes):
            let texts = nodes.compactMap { if case .scalar(let text) = $0.content { text } else { nil } }
            if texts.count == nodes.count { return texts }
        default: break
        }
        throw reader.mistake(
            "\(entry.key) is no list of words",
            at: entry.value.position,
            next: "write \(entry.key): [\(example)]"
        )
    }

    /// Where a value is found, if the text says so: `env:NAME`, `file:PATH`.
    private func reference(
        _ field: (text: String, position: SourcePosition)
    ) throws(ConfigurationError) -> SecretReference? {
        if field.text.hasPrefix("env:") {
            let name = String(field.text.dropFirst(4))
            guard !settings.isOnlyInDotEnv(name) else {
                throw reader.mistake(
                    "\(name) stands in .env alone, which secrets are not read from",
                    at: field.position,
                    next: "put it into the environment of the process, or into a file and write file:PATH"
                )
            }
            return .environment(name)
        }
        guard field.text.hasPrefix("file:") else { return nil }
        return .file(SettingsFile.resolve(String(field.text.dropFirst(5)), writtenIn: file.path))
    }

    private func value(
        of reference: SecretReference,
        _ position: SourcePosition
    ) throws(ConfigurationError) -> String {
        do {
            return try reference.value()
        } catch let error as AppRuntimeError {
            throw reader.mistake(error.message, at: position, next: error.next)
        } catch {
            throw reader.mistake("\(error)", at: position, next: "give the variable or the file to the process")
        }
    }
}
