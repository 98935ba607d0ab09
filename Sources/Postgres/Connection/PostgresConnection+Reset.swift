import CLibpq

extension PostgresConnection {
    /// Brings the connection back to where it stood when it was opened, also in a task that was cancelled.
    ///
    /// What it was in the middle of is stopped and rolled back; settings, the role, temporary tables, prepared
    /// statements, cursors, advisory locks and channels of the session are dropped on the server (PostgreSQL manual,
    /// DISCARD), and the handler of notices and unread notifications here.
    ///
    /// - Returns: whether the connection can be used by somebody else now.
    func reset() -> Bool {
        rollBack()
        onNotice(nil)
        notificationWait?.end(with: .failure(PostgresError.connectionReturned()))
        if wasUsed {
            guard uninterrupted("DISCARD ALL") else { return false }
            wasUsed = false
            prepared.kept.removeAll()
        }
        guard isAlive(), let handle = try? handle() else { return false }  // closed: not for anybody
        while let notification = PQnotifies(handle.pointer) { PQfreemem(notification) }
        return transactionStatus == .idle
    }
}
