#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// What is written down in the comment of a database that a restore builds, for whoever finds it.
struct DraftRecord: Hashable, Codable, Sendable {
    var snapshot: SnapshotID
    /// The name that it is to get.
    var database: String
    /// The database whose place it takes; there once all is restored and compared.
    var exchange: Exchange?

    /// What has to be done, or undone, if nobody lives to do it.
    struct Exchange: Hashable, Codable, Sendable {
        /// The old database, by its OID and by the name under which it is kept.
        var old: Int
        var keptAs: String
        /// What held for the old one before it was closed.
        var allowedConnections: Bool
        /// What was restored.
        var tables: Int
        var rows: Int
        var schemaIsEqual: Bool
        /// The comment that the database is to have in the end.
        var comment: String?
    }

    init(snapshot: SnapshotID, database: String, exchange: Exchange? = nil) {
        self.snapshot = snapshot
        self.database = database
        self.exchange = exchange
    }

    private static let title = "lastro restore "

    /// Reads a comment; nil if it is none of ours.
    init?(comment: String?) {
        guard let comment, comment.hasPrefix(Self.title),
            let record = try? JSONDecoder().decode(Self.self, from: Data(comment.dropFirst(Self.title.count).utf8))
        else { return nil }  // whatever it says, it was written by somebody else
        self = record
    }

    /// The record as a comment.
    var comment: String {
        get throws {
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
            return Self.title + String(decoding: try encoder.encode(self), as: UTF8.self)
        }
    }
}
