import SourceText

/// Every failure of this module in words.
extension PostgresError {
    static func server(_ report: ServerReport, in sql: String?, completedStatements: Int = 0) -> PostgresError {
        let position = sql.flatMap { sql in
            report.characterPosition.map { LineIndex(sql).position(ofCharacter: $0) }
        }
        return PostgresError(
            .server,
            report.message,
            report: report,
            position: position,
            completedStatements: completedStatements
        )
    }

    static func invalidSettings(_ why: String, next: String? = nil) -> PostgresError {
        PostgresError(
            .settings,
            "the connection settings cannot be read: \(why)",
            state: "nothing was sent",
            next: next
        )
    }

    static func connectionFailed(_ words: String, target: String) -> PostgresError {
        PostgresError(
            .connectionFailed,
            "no connection to \(target): \(words)",
            state: "nothing was sent",
            next: remedies.first { words.contains($0.words) }?.next
        )
    }

    /// What helps against what libpq and the server say; the first that fits counts.
    private static let remedies: [(words: String, next: String)] = [
        ("could not translate host name", "correct the host's name, or the name service of this machine"),
        ("Connection refused", "start the server there, or correct host and port"),
        ("No such file or directory", "start the server there, or correct the folder of its socket and the port"),
        ("timeout expired", "see whether the host is reached at all, or allow more with `connect_timeout`"),
        ("authentication failed", "correct the user or the password"),
        ("no password supplied", "give the password: in the URL, in PGPASSWORD or in ~/.pgpass"),
        ("no pg_hba.conf entry", "connect in a way that the server's pg_hba.conf allows, or have it allow this one"),
        ("too many clients", "close connections, or raise the server's max_connections"),
        ("remaining connection slots", "close connections, or raise the server's max_connections"),
        ("unsupported startup parameter", PoolerRefusal.unsupportedParameter),
        ("max_client_conn", "close connections, or raise the pooler's max_client_conn"),
        ("no such database", "correct the database's name, or add it to the pooler's [databases]"),
        ("SSL was required", "have the server speak TLS, or allow a connection without it in sslmode"),
        ("the database system is", "wait until the server has started or stopped"),
        ("role \"", "correct the user, or create the role"),
        ("database \"", "correct the database's name, or create it"),
    ]

    static func databaseNotReady(after waited: Duration, last: PostgresError) -> PostgresError {
        PostgresError(
            .connectionFailed,
            "\(last.message) (waited \(waited.formattedSeconds))",
            state: "nothing was sent",
            next: "start the server, or wait longer for it"
        )
    }

    static func serverSilent() -> PostgresError {
        PostgresError(
            .connectionFailed,
            "the pooler gave no connection to the server: server_login_retry, or too small a pool",
            state: "nothing was sent",
            next: "start the server behind the pooler, or see in the pooler's log why it does not let it in"
        )
    }

    static func connectionLost(_ words: String, completedStatements: Int = 0) -> PostgresError {
        PostgresError(
            .connectionLost,
            "the connection was cut: \(words)",
            completedStatements: completedStatements,
            state: "the server rolls back what was not committed; whether a COMMIT under way took effect is unknown",
            next: PoolerRefusal.remedy(afterCut: words)
        )
    }

    static func connectionClosed() -> PostgresError {
        PostgresError(.connectionClosed, "the connection is closed")
    }

    static func poolTimeout(after waited: Duration, size: Int) -> PostgresError {
        PostgresError(
            .poolTimeout,
            "none of the pool's \(size) connections became free within \(waited.formattedSeconds)",
            state: "nothing was sent",
            next: "raise the pool's size, or shorten what holds a connection"
        )
    }

    static func poolClosed() -> PostgresError {
        PostgresError(.poolClosed, "the pool was shut down", state: "nothing was sent")
    }

    static func connectionReturned() -> PostgresError {
        PostgresError(
            .misuse,
            "the connection went back to its pool",
            next: "wait for notifications inside withConnection"
        )
    }

    static func undecodable(_ text: String, column: String, as type: String) -> PostgresError {
        PostgresError(.decoding, "column \"\(column)\": \"\(text.prefix(80))\" cannot be read as \(type)")
    }

    static func unexpectedNull(column: String, as type: String) -> PostgresError {
        PostgresError(
            .decoding,
            "column \"\(column)\" is null where \(type) was asked for",
            next: "ask for \(type)? instead"
        )
    }

    static func noColumn(_ name: String, among names: [String]) -> PostgresError {
        PostgresError(.decoding, "the result has no column \"\(name)\", only \(names.joined(separator: ", "))")
    }

    static func wrongColumnCount(_ found: Int, wanted: Int) -> PostgresError {
        PostgresError(.decoding, "the result has \(found) columns where \(wanted) were asked for")
    }

    static func notOneRow(_ found: Int) -> PostgresError {
        PostgresError(.decoding, "the result has \(found) rows where one was asked for")
    }

    static func containsNUL() -> PostgresError {
        PostgresError(.encoding, "text for the server holds a NUL character, which PostgreSQL cannot store")
    }

    static func unencodable(_ why: String) -> PostgresError {
        PostgresError(.encoding, "a value cannot be sent: \(why)")
    }

    static func tooManyParameters(_ count: Int) -> PostgresError {
        PostgresError(
            .encoding,
            "a statement with \(count) parameters cannot be sent: PostgreSQL takes 65535",
            state: "nothing was sent",
            next: "send several statements, or the values as an array"
        )
    }

    static func tooLarge(_ size: Int) -> PostgresError {
        PostgresError(
            .encoding,
            "a statement with \(size) bytes of values cannot be sent: PostgreSQL takes less than 1 GiB",
            state: "nothing was sent",
            next: "send several statements, or the data with copyIn"
        )
    }

    static func busy(with work: String) -> PostgresError {
        PostgresError(
            .misuse,
            "the connection is in the middle of \(work)",
            state: "nothing was sent",
            next: "finish that first, or take a second connection"
        )
    }

    static func secondListener() -> PostgresError {
        PostgresError(
            .misuse,
            "another task waits for notifications on this connection already",
            next: "give them out from one task, or take a second connection"
        )
    }

    static func unwatchable(_ words: String) -> PostgresError {
        PostgresError(.misuse, "the connection's socket cannot be watched for notifications: \(words)")
    }

    static func notACopy(_ direction: String) -> PostgresError {
        PostgresError(.misuse, "the statement is no COPY … \(direction)")
    }

    static func copyHasEnded() -> PostgresError {
        PostgresError(
            .misuse,
            "the COPY has ended: its transaction was rolled back, or the connection given back",
            state: "the rest of its data was not read",
            next: "run it again"
        )
    }

    static func copyInScript() -> PostgresError {
        PostgresError(
            .misuse,
            "a COPY … FROM STDIN cannot run inside a script",
            next: "send its data with copyIn"
        )
    }

    static func copyInPipeline(mayBeCommitted: Bool) -> PostgresError {
        PostgresError(
            .misuse,
            "a COPY cannot run inside a pipeline",
            state: "the connection was closed; "
                + (mayBeCommitted
                    ? "whether the other statements took effect is unknown" : "nothing of the pipeline stays"),
            next: "run it with copyIn or copyOut"
        )
    }

    static func commitRolledBack() -> PostgresError {
        PostgresError(
            .misuse,
            "COMMIT was answered with ROLLBACK: a statement in the transaction had failed before",
            state: "rolled back",
            next: "let the error of the statement leave the transaction's closure"
        )
    }
}

extension Duration {
    /// The duration in seconds, for people: `1.5 s`.
    var formattedSeconds: String {
        let milliseconds = components.seconds * 1000 + components.attoseconds / 1_000_000_000_000_000
        guard milliseconds % 1000 != 0 else { return "\(milliseconds / 1000) s" }
        let fraction = String(milliseconds % 1000 + 1000).dropFirst()
        return "\(milliseconds / 1000).\(fraction) s"
    }
}
