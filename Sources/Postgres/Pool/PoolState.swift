/// What a pool decides, as a value: who gets a connection, who waits, when one is opened.
///
/// The pool carries out the ``Action`` of each step; nothing here connects, sleeps or reads a clock.
struct PoolState<Connection: AnyObject, Waiter> {
    enum Action {
        /// Hand an idle connection to the caller.
        case lend(Connection)
        /// Open a connection for the caller; its place is taken.
        case open
        /// Let the caller wait under a number.
        case wait(UInt64)
        /// Hand a connection that came back to a waiter.
        case pass(Connection, to: Waiter)
        /// Let a waiter open a connection; its place is taken.
        case openFor(Waiter)
        /// Close a connection that nobody needs.
        case close(Connection)
        /// Nothing to do.
        case none
    }

    let limit: Int
    private(set) var idle: [Connection] = []
    /// Connections that are lent or being opened.
    private(set) var lent = 0
    private(set) var waiters: [(number: UInt64, waiter: Waiter)] = []
    private(set) var isShutDown = false
    private var nextNumber: UInt64 = 0

    init(limit: Int) {
        precondition(limit > 0, "a pool of \(limit) connections")
        self.limit = limit
    }

    /// The caller wants a connection; `waiter` is kept if it has to wait.
    mutating func request(_ waiter: Waiter) -> Action {
        // Nobody overtakes those who wait.
        if waiters.isEmpty {
            if let connection = idle.popLast() {
                lent += 1
                return .lend(connection)
            }
            if lent < limit {
                lent += 1
                return .open
            }
        }
        nextNumber += 1
        waiters.append((nextNumber, waiter))
        return .wait(nextNumber)
    }

    /// A lent connection is back, and usable.
    mutating func takeBack(_ connection: Connection) -> Action {
        lent -= 1
        if isShutDown { return .close(connection) }
        guard let first = waiters.first else {
            idle.append(connection)
            return .none
        }
        waiters.removeFirst()
        lent += 1
        return .pass(connection, to: first.waiter)
    }

    /// A lent connection is lost, or could not be opened: its place is free.
    mutating func giveUp() -> Action {
        lent -= 1
        guard !isShutDown, let first = waiters.first else { return .none }
        waiters.removeFirst()
        lent += 1
        return .openFor(first.waiter)
    }

    /// A waiter does not want a connection any more.
    mutating func withdraw(_ number: UInt64) {
        waiters.removeAll { $0.number == number }
    }

    /// No connection is lent from now on.
    ///
    /// - Returns: those to close and those to turn away.
    mutating func shutDown() -> (close: [Connection], turnAway: [Waiter]) {
        isShutDown = true
        defer {
            idle.removeAll()
            waiters.removeAll()
        }
        return (idle, waiters.map(\.waiter))
    }
}
