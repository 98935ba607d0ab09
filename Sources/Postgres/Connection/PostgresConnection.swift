import CLibpq
import Dispatch

/// One connection to a PostgreSQL server, through libpq.
///
/// Statements run one after the other, on the connection's own queue: a slow one holds up its own connection and
/// nothing else. Cancelling the task that waits for a statement stops it on the server, and the connection stays
/// usable. Use one connection from one task at a time; ``PostgresPool`` hands them out that way.
///
/// ```swift
/// try await withPostgresConnection(to: ConnectionSettings("postgresql:///app")) { connection in
///     let names = try await connection.query("SELECT name FROM users WHERE id = $1", 7).decode(as: String.self)
/// }
/// ```
public actor PostgresConnection {
    let executor: ConnectionExecutor
    let canceller: Canceller
    private var openHandle: ConnectionHandle?
    /// What the connection is in the middle of, between calls of this actor.
    var occupation: Occupation = .none
    /// What a task that listens for notifications waits for: something to read, or the end of a call that has read.
    var notificationWait: OneShot<Void>?
    /// Whether anything was sent since the connection was opened or ``reset()``.
    var wasUsed = false
    /// What the server keeps for ``preparedPipeline(_:)``.
    var prepared = PreparedStatements()

    /// The settings that the connection was opened with.
    public nonisolated let settings: ConnectionSettings
    /// The server's version.
    public nonisolated let serverVersion: ServerVersion
    /// The process on the server that serves this connection; behind a pooler it may change.
    public nonisolated let backendPID: Int
    private nonisolated let socketLook: SocketLook

    /// The connection's own queue.
    public nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    private init(handle: ConnectionHandle, executor: ConnectionExecutor, settings: ConnectionSettings) {
        self.executor = executor
        self.settings = settings
        openHandle = handle
        canceller = Canceller(connection: handle.pointer)
        serverVersion = ServerVersion(number: Int(PQserverVersion(handle.pointer)))
        backendPID = Int(PQbackendPID(handle.pointer))
        socketLook = handle.socketLook
    }

    /// Opens a connection, which who calls this closes; ``withPostgresConnection(to:waitingUpTo:_:)`` does both.
    ///
    /// - Throws: ``PostgresError`` with code `connection-failed`; `CancellationError` at once when the task is
    ///   cancelled, while libpq's attempt ends by itself within its `connect_timeout`.
    public static func open(_ settings: ConnectionSettings) async throws -> PostgresConnection {
        let executor = ConnectionExecutor()
        let handle = try await ConnectionHandle.open(settings, on: executor.queue)
        return PostgresConnection(handle: handle, executor: executor, settings: settings)
    }

    /// Closes the connection; the server rolls back what is not committed.
    ///
    /// Closing twice does no harm. The farewell goes out behind this call: the process of the server that it wakes often
    /// takes the processor from whoever sends it, for as long as it takes to end.
    public func close() {
        if let openHandle { executor.queue.async { withExtendedLifetime(openHandle) {} } }
        openHandle = nil
        notificationWait?.end(with: .failure(PostgresError.connectionClosed()))
        occupation = .none
    }

    /// Whether the connection is open and was not seen to be cut.
    public var isUsable: Bool {
        openHandle.map { PQstatus($0.pointer) == CONNECTION_OK } ?? false
    }

    /// Whether the connection stands, after a look at what has come in; costs no round trip.
    ///
    /// A server that ended, or that ended this session, is noticed; a network that fell silent is not.
    public func isAlive() -> Bool {
        guard let openHandle else { return false }
        defer { notificationWait?.end(with: .success(())) }
        // The first look reads what a server says before it hangs up, the second one that it has.
        return PQconsumeInput(openHandle.pointer) == 1 && PQconsumeInput(openHandle.pointer) == 1 && isUsable
    }

    /// Whether the server has not hung up, as far as can be seen from any thread, whatever the connection is doing.
    ///
    /// It says nothing of a network that fell silent.
    public nonisolated var isConnected: Bool { socketLook.isConnected }

    /// Where the connection stands with regard to transactions, as the server last said.
    public var transactionStatus: TransactionStatus {
        guard let openHandle else { return .unknown }
        return TransactionStatus(PQtransactionStatus(openHandle.pointer))
    }

    /// A setting that the server reports of itself, such as `server_encoding`, `TimeZone` or `in_hot_standby`.
    public func parameterStatus(_ name: String) -> String? {
        guard let openHandle else { return nil }
        return PQparameterStatus(openHandle.pointer, name).map { String(cString: $0) }
    }

    /// Calls a closure for each notice of the server from now on, on the connection's queue.
    public func onNotice(_ handler: (@Sendable (ServerReport) -> Void)?) {
        openHandle?.noticeSink.handler = handler
    }

    /// The open libpq connection.
    func handle() throws(PostgresError) -> ConnectionHandle {
        // A closure that does not name its actor runs elsewhere, and would block a thread that all tasks share.
        preconditionIsolated()
        guard let openHandle else { throw .connectionClosed() }
        return openHandle
    }

    /// Runs blocking work for one statement; cancelling the task stops the statement on the server.
    ///
    /// If the work leaves the connection in the middle of something, it is closed: nobody could tell what comes next.
    func interruptible<Result>(_ work: (isolated PostgresConnection) throws -> Result) async throws -> Result {
        endAbandonedCopy()
        guard occupation.isNone else { throw PostgresError.busy(with: "\(occupation)") }
        openHandle?.noticeSink.begin()
        return try await interruptiblePart(work)
    }

    /// Runs blocking work for a part of a statement that is under way, such as the next chunk of a COPY.
    func interruptiblePart<Result>(_ work: (isolated PostgresConnection) throws -> Result) async throws -> Result {
        let canceller = canceller
        canceller.begin()
        wasUsed = true
        let noticeSink = openHandle?.noticeSink
        do {
            let result = try await withTaskCancellationHandler {
                try Task.checkCancellation()
                return try work(self)
            } onCancel: {
                canceller.cancel()
            }
            settle()
            return result
        } catch {
            settle()
            // The server's "canceling statement due to user request" is the task's own cancellation coming back.
            guard let failure = error as? PostgresError else { throw error }
            if Task.isCancelled, failure.sqlState == .queryCanceled { throw CancellationError() }
            throw failure.with(notices: noticeSink?.collected ?? [])
        }
    }

    /// Runs a statement without parameters and rows, also in a task that was cancelled.
    ///
    /// - Returns: whether it worked.
    @discardableResult
    func uninterrupted(_ sql: String) -> Bool {
        guard let openHandle else { return false }
        let result = PQexec(openHandle.pointer, sql)
        defer { PQclear(result) }
        notificationWait?.end(with: .success(()))
        return PQresultStatus(result) == PGRES_COMMAND_OK
    }

    /// Ends what can be cancelled, and takes in what may have come late: a cancel request that reaches the server only
    /// after its statement has ended, and notifications that came with the answer and that nobody else will see come.
    ///
    /// A connection that is left in the middle of something that is no COPY, or in pipeline mode, is closed.
    func settle() {
        let wasSent = canceller.finish()
        // In the middle of a COPY there is no room for a statement; the COPY's own end takes the request in.
        if wasSent, transactionStatus != .active, isUsable { uninterrupted("") }
        if occupation.isNone, transactionStatus == .active { close() }
        notificationWait?.end(with: .success(()))
    }
}

/// What a connection is in the middle of while it waits for its user.
enum Occupation: CustomStringConvertible {
    case none
    case copyOut(CopyOutState)
    case copyIn

    var isNone: Bool {
        if case .none = self { true } else { false }
    }

    var description: String {
        switch self {
        case .none: "nothing"
        case .copyOut: "a COPY … TO STDOUT"
        case .copyIn: "a COPY … FROM STDIN"
        }
    }
}

/// Where a connection stands with regard to transactions.
public enum TransactionStatus: Hashable, Sendable {
    /// No transaction is open.
    case idle
    /// A statement is running.
    case active
    /// A transaction is open.
    case inTransaction
    /// A transaction is open in which a statement failed: only ROLLBACK is accepted.
    case inFailedTransaction
    /// The connection is closed or cut.
    case unknown

    init(_ status: PGTransactionStatusType) {
        self =
            switch status {
            case PQTRANS_IDLE: .idle
            case PQTRANS_ACTIVE: .active
            case PQTRANS_INTRANS: .inTransaction
            case PQTRANS_INERROR: .inFailedTransaction
            default: .unknown
            }
    }
}

/// Opens a connection, lends it to a closure and closes it, whichever way the closure ends.
///
/// - Parameters:
///   - settings: where the database is.
///   - patience: how long to go on trying while no server answers there, or it is still starting up.
///   - body: what to do with the connection.
/// - Returns: what the closure returns.
/// - Throws: what the closure throws; ``PostgresError`` with code `connection-failed`; `CancellationError`.
@discardableResult
public func withPostgresConnection<Result>(
    to settings: ConnectionSettings,
    waitingUpTo patience: Duration = .zero,
    _ body: (PostgresConnection) async throws -> Result
) async throws -> Result {
    let connection = try await PostgresConnection.open(settings, waitingUpTo: patience)
    do {
        let result = try await body(connection)
        await connection.close()
        return result
    } catch {
        await connection.close()
        throw error
    }
}
