import Catalog

extension SchemaDiffError {
    /// A change that would lose something, or that no statement of the server's does.
    ///
    /// - Parameters:
    ///   - change: the change.
    ///   - reason: why it is refused, without a full stop.
    ///   - byHand: what to write instead.
    static func refused(_ change: ObjectChange, reason: String, byHand: String) -> Self {
        Self(.refusedChange, "\(change.identity) cannot be changed by a plan: \(reason)", next: byHand)
    }
}
