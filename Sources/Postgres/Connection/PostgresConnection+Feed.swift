/// Where a connection finds scripts to run one behind the other, without a change of threads between them.
///
/// The connection calls it on its own queue; each method has to return soon.
public protocol PostgresScriptFeed: AnyObject, Sendable {
    /// The next script; nil behind the last one. The server works on the one before meanwhile.
    func next() -> PostgresScript?

    /// The script that was handed out last is about to be sent; what this throws keeps it from that.
    func willSend() throws

    /// The script that was sent last came to its end.
    func didEnd(_ results: [PostgresRows])
}

/// A text of several statements, with the data of its `COPY … FROM STDIN`.
public struct PostgresScript: Sendable {
    let sql: String
    let copyData: [ArraySlice<UInt8>]

    /// Makes a script.
    public init(_ sql: String, copyData: [ArraySlice<UInt8>] = []) {
        self.sql = sql
        self.copyData = copyData
    }
}

extension PostgresConnection {
    /// Runs scripts in a row, each as ``script(_:copyData:)`` does.
    ///
    /// - Throws: what keeps the row from its end: as ``script(_:copyData:)`` for the script that was sent last; what the
    ///   feed throws. Scripts behind it are not run.
    public func scripts(_ feed: some PostgresScriptFeed) async throws {
        try await interruptible { connection in
            let handle = try connection.handle()
            var upcoming = feed.next()
            while let script = upcoming {
                try Task.checkCancellation()
                try feed.willSend()
                handle.noticeSink.begin()
                try handle.send(script: script.sql)
                upcoming = feed.next()
                feed.didEnd(try handle.scriptResults(of: script.sql, copyData: script.copyData))
            }
        }
    }
}
