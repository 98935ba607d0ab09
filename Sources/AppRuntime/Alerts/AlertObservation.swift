public import Postgres

/// A value that a rule judges.
public struct AlertObservation: Sendable, Hashable {
    /// The rule's name.
    public let rule: String
    /// What it is about, such as a type of jobs; empty where there is one of the kind.
    public let subject: String
    /// The value.
    public let value: Double
    /// What is wrong, in a sentence, if the value is too high.
    public let title: String

    /// Makes an observation.
    ///
    /// - Parameters:
    ///   - rule: the rule that judges it.
    ///   - subject: what it is about.
    ///   - value: the value.
    ///   - title: what is wrong, in a sentence.
    public init(_ rule: AlertRule, _ subject: String = "", value: Double, _ title: String) {
        self.rule = rule.name
        self.subject = subject
        self.value = value
        self.title = title
    }

    /// What makes two alerts the same.
    var key: String { subject.isEmpty ? rule : "\(rule)/\(subject)" }
}

/// Something that alerts are found by: a look that gives values for some rules.
public struct AlertLook: Sendable {
    let name: String
    /// The rules that it has looked at also where it finds nothing: their alerts resolve.
    let rules: [AlertRule]
    let interval: Duration
    /// Finds the values.
    public let look: @Sendable (PostgresConnection) async throws -> [AlertObservation]

    /// Makes a look.
    ///
    /// - Parameters:
    ///   - name: what logs call it.
    ///   - rules: the rules that it finds values for.
    ///   - interval: how often to look.
    ///   - look: the values; an alert of these rules for which there is none resolves.
    public init(
        _ name: String,
        for rules: [AlertRule],
        every interval: Duration = .seconds(10),
        _ look: @escaping @Sendable (PostgresConnection) async throws -> [AlertObservation]
    ) {
        self.name = name
        self.rules = rules
        self.interval = interval
        self.look = look
    }
}
