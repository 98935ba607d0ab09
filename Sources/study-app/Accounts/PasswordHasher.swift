import Dispatch
import Synchronization

/// Makes and tries password hashes, a few at once: each takes memory and a processor for a good part of a second.
final class PasswordHasher: Sendable {
    /// What new hashes cost to try.
    let cost: ScryptCost
    private let places: HasherPlaces
    private let count = Atomic(0)
    private let queue = DispatchQueue(label: "study-app.passwords", attributes: .concurrent)

    /// Makes a hasher.
    ///
    /// - Parameters:
    ///   - cost: what new hashes cost to try.
    ///   - limit: how many are made or tried at once.
    ///   - waiting: how many may wait; further ones are turned away.
    init(cost: ScryptCost = .standard, limit: Int = 2, waiting: Int = 50) {
        self.cost = cost
        places = HasherPlaces(limit: limit, waiting: waiting)
    }

    /// How often scrypt was run.
    var derivations: Int { count.load(ordering: .relaxed) }

    /// The hash of a new password.
    func hash(_ password: String) async throws -> String {
        let cost = cost
        return try await inPlace { () throws(AccountError) in try PasswordHash(of: password, cost: cost).text }
    }

    /// What trying a password has shown.
    enum Verdict: Sendable {
        case wrong
        /// It is the one; the hash is to be made anew if what it costs is not what is wanted now.
        case right(isOutdated: Bool)
    }

    /// Tries a password.
    ///
    /// - Parameters:
    ///   - password: what somebody typed.
    ///   - stored: the account's hash; nil, or one of another kind, takes as long as one of ours and fits nothing.
    /// - Returns: whether it fits.
    /// - Throws: ``AccountError`` with code `busy` if too many wait.
    func verify(_ password: String, against stored: String?) async throws -> Verdict {
        let cost = cost
        return try await inPlace { () throws(AccountError) in
            guard let hash = stored.flatMap(PasswordHash.init) else {
                _ = try PasswordHash(of: password, cost: cost)
                return .wrong
            }
            return try hash.fits(password) ? .right(isOutdated: hash.cost != cost) : .wrong
        }
    }

    private func inPlace<Result: Sendable>(
        _ work: @escaping @Sendable () throws(AccountError) -> Result
    ) async throws -> Result {
        try await places.take()
        defer { places.give() }
        count.add(1, ordering: .relaxed)
        // Not on the threads that everything else shares.
        return try await withCheckedThrowingContinuation { continuation in
            queue.async { continuation.resume(with: Swift.Result { try work() }) }
        }
    }
}

/// A number of places, for which a bounded number of callers waits in line.
private final class HasherPlaces: Sendable {
    private struct State {
        var free: Int
        var waiting: [CheckedContinuation<Void, Never>] = []
    }

    private let state: Mutex<State>
    private let limit: Int

    init(limit: Int, waiting: Int) {
        state = Mutex(State(free: limit))
        self.limit = waiting
    }

    /// Takes a place as soon as one is free.
    func take() async throws(AccountError) {
        let isFull = state.withLock { $0.free == 0 && $0.waiting.count >= limit }
        guard !isFull else { throw .busy() }
        await withCheckedContinuation { continuation in
            let isIn = state.withLock { state in
                guard state.free > 0 else {
                    state.waiting.append(continuation)
                    return false
                }
                state.free -= 1
                return true
            }
            if isIn { continuation.resume() }
        }
    }

    /// Gives a place to who waits longest, or back.
    func give() {
        let next = state.withLock { state -> CheckedContinuation<Void, Never>? in
            guard !state.waiting.isEmpty else {
                state.free += 1
                return nil
            }
            return state.waiting.removeFirst()
        }
        next?.resume()
    }
}
