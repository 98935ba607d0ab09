import AppRuntime

/// Whom alerts are told, as `alerts:` in `lastro.yaml` says; the log always.
struct AlertConfiguration: Sendable {
    /// A channel, and what it is told.
    struct Channel: Sendable {
        let channel: any AlertChannel
        /// From which severity on.
        var least = AlertSeverity.low
        /// The rules whose alerts are told; nil for all.
        var rules: [String]?
        /// Where it leads, in a few words.
        let words: String

        /// Whether alerts of a rule are told.
        func takes(_ rule: AlertRule) -> Bool {
            rank(rule.severity) >= rank(least) && rules?.contains(rule.name) ?? true
        }

        private func rank(_ severity: AlertSeverity) -> Int { AlertSeverity.allCases.firstIndex(of: severity) ?? 0 }
    }

    /// The channels beside the log, in the order of the file.
    let configured: [Channel]

    /// Makes a configuration.
    init(_ configured: [Channel] = []) {
        self.configured = configured
    }

    /// All channels.
    var channels: [any AlertChannel] { [LogChannel()] + configured.map(\.channel) }

    /// The code's rules, each with the channels that are told its alerts.
    var rules: [AlertRule] {
        AlertRule.standard.map { rule in
            var rule = rule
            rule.channels = ["log"] + configured.filter { $0.takes(rule) }.map(\.channel.name)
            return rule
        }
    }

    /// The configuration in a few words, for who starts the application.
    var words: String {
        guard !configured.isEmpty else { return "told in the log alone" }
        let told = configured.map { one in
            "\(one.channel.name) (\(one.words)"
                + (one.least == .low ? "" : ", from \(one.least) on")
                + (one.rules.map { ", of \($0.joined(separator: ", "))" } ?? "") + ")"
        }
        return "told in the log, " + told.joined(separator: ", ")
    }
}
