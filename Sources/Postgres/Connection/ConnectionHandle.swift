import CLibpq
import Dispatch

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// Owns one `PGconn`, which only its connection's queue uses.
final class ConnectionHandle: @unchecked Sendable {  // handed once from the queue that opened it to the actor on it
    let pointer: OpaquePointer
    let noticeSink = NoticeSink()
    let socketLook: SocketLook

    /// Opens a connection, blocking until it stands or has failed.
    init(settings: ConnectionSettings) throws(PostgresError) {
        let parameters = settings.parameters { name in getenv(name).map { String(cString: $0) } }
        for (keyword, value) in parameters where value.utf8.contains(0) {
            throw .invalidSettings("the value of \(keyword) holds a NUL character")
        }
        let opened = withCStringArrays(parameters) { keywords, values in PQconnectdbParams(keywords, values, 0) }
        guard let opened else { throw .connectionFailed("out of memory", target: settings.target) }
        pointer = opened
        socketLook = SocketLook(at: opened)
        guard PQstatus(opened) == CONNECTION_OK else {
            let words = settings.redacting(String(cString: PQerrorMessage(opened)).trimmingTrailingNewlines)
            // What libpq itself refuses, it refuses before it looks for a server (libpq, "Database Connection Control Functions").
            if words.hasPrefix("invalid ") {
                throw .invalidSettings(words, next: "correct the URL, or the setting it names")
            }
            throw .connectionFailed(words, target: settings.target)
        }
        PQsetNoticeReceiver(
            opened,
            { sink, result in
                guard let sink, let result else { return }
                Unmanaged<NoticeSink>.fromOpaque(sink).takeUnretainedValue().receive(ServerReport(result: result))
            },
            Unmanaged.passUnretained(noticeSink).toOpaque()
        )
    }

    deinit {
        socketLook.end()
        PQfinish(pointer)
    }

    /// Sends a text of several statements.
    func send(script sql: String) throws(PostgresError) {
        guard !sql.utf8.contains(0) else { throw .containsNUL() }
        // Passed as it is, a string would be copied, and a script may be large.
        guard sql.withCString({ PQsendQuery(pointer, $0) }) == 1 else { throw lost() }
    }

    /// Whether a server answers at these settings, however it answers (PostgreSQL manual, `PQpingParams`).
    static func isAnswering(_ settings: ConnectionSettings) -> Bool {
        let parameters = settings.parameters { name in getenv(name).map { String(cString: $0) } }
        return withCStringArrays(parameters) { keywords, values in PQpingParams(keywords, values, 0) } == PQPING_OK
    }
}

/// Gathers the notices of the call that runs, and passes each on.
final class NoticeSink {
    var handler: (@Sendable (ServerReport) -> Void)?
    /// All since the call began.
    private(set) var collected: [ServerReport] = []
    private var takenCount = 0

    func receive(_ notice: ServerReport) {
        collected.append(notice)
        handler?(notice)
    }

    /// A call begins: what came before does not belong to it.
    func begin() {
        collected.removeAll()
        takenCount = 0
    }

    /// Those that came since they were last taken: a statement's, where a call runs several.
    func takeCollected() -> [ServerReport] {
        defer { takenCount = collected.count }
        return Array(collected[takenCount...])
    }
}

private func withCStringArrays<Result>(
    _ parameters: [String: String],
    _ body: (UnsafePointer<UnsafePointer<CChar>?>, UnsafePointer<UnsafePointer<CChar>?>) -> Result
) -> Result {
    let pairs = parameters.sorted { $0.key < $1.key }
    let keywords = pairs.map { strdup($0.key) } + [nil]
    let values = pairs.map { strdup($0.value) } + [nil]
    defer { (keywords + values).forEach { free($0) } }
    return keywords.map { UnsafePointer($0) }.withUnsafeBufferPointer { keywords in
        values.map { UnsafePointer($0) }.withUnsafeBufferPointer { values in
            // Both arrays hold at least their terminating null, so they have a base address.
            body(keywords.baseAddress.unsafelyUnwrapped, values.baseAddress.unsafelyUnwrapped)
        }
    }
}
