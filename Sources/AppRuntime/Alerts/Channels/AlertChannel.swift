import Foundation
public import Logging

/// A way to people.
public protocol AlertChannel: Sendable {
    /// The name by which rules know it.
    var name: String { get }

    /// Tells what happened; what is thrown lets it be tried again later.
    ///
    /// The same may be told twice: ``AlertMessage/delivery`` tells which is which.
    func deliver(_ message: AlertMessage) async throws
}

/// What is told of an alert.
public struct AlertMessage: Sendable, Hashable {
    /// The id of what is told on this channel, the same in every attempt.
    public let delivery: String
    /// Which attempt this is, counted from 1.
    public let attempt: Int
    /// `opened` or `resolved`.
    public let event: String
    /// The alert's id.
    public let alert: String
    /// What makes two alerts the same.
    public let key: String
    /// How grave it is.
    public let severity: AlertSeverity
    /// What is wrong, in a sentence.
    public let title: String
    /// What is known beside that, as JSON.
    public let details: String
    /// When it opened, as ISO 8601.
    public let openedAt: String
    /// When it resolved.
    public let resolvedAt: String?

    /// The message as JSON, as the channels send it.
    var json: String {
        let body = Body(
            delivery: delivery,
            attempt: attempt,
            event: event,
            alert: .init(
                id: alert,
                key: key,
                severity: "\(severity)",
                title: String(title.prefix(2000)),
                opened_at: openedAt,
                resolved_at: resolvedAt
            )
        )
        return body.json
    }

    private struct Body: Encodable {
        struct Alert: Encodable {
            let id: String
            let key: String
            let severity: String
            let title: String
            let opened_at: String
            let resolved_at: String?
        }

        let delivery: String
        let attempt: Int
        let event: String
        let alert: Alert
    }
}

/// Writes alerts into the log.
public struct LogChannel: AlertChannel {
    /// The name by which rules know it.
    public let name: String
    private let logger: Logger

    /// Makes a channel.
    public init(_ name: String = "log", logger: Logger = Logger(label: "lastro.alerts")) {
        self.name = name
        self.logger = logger
    }

    /// Writes a line: a warning or an error for what opened, a notice for what resolved.
    public func deliver(_ message: AlertMessage) async throws {
        let isGrave = message.severity == .critical || message.severity == .high
        let level: Logger.Level = message.event == "resolved" ? .notice : isGrave ? .error : .warning
        logger.log(
            level: level,
            "alert \(message.event): \(message.title)",
            metadata: ["alert": "\(message.key)", "severity": "\(message.severity)"]
        )
    }
}
