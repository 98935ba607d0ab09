import Testing

@testable import Postgres

@Suite("A pool's state")
struct PoolStateTests {
    private final class Item {}

    @Test("opens up to its limit, then lets callers wait and serves them in order")
    func servesInOrder() {
        var pool = PoolState<Item, String>(limit: 1)
        guard case .open = pool.request("a") else { return #expect(Bool(false), "the first caller opens") }
        guard case .wait = pool.request("b"), case .wait = pool.request("c") else {
            return #expect(Bool(false), "the others wait")
        }
        let item = Item()
        guard case .pass(let passed, let waiter) = pool.takeBack(item) else { return #expect(Bool(false)) }
        #expect(passed === item)
        #expect(waiter == "b")
        guard case .openFor("c") = pool.giveUp() else { return #expect(Bool(false), "a lost connection frees a place") }
        #expect(pool.lent == 1)
    }

    @Test("lets nobody overtake those who wait, and forgets who left")
    func keepsTheQueue() {
        var pool = PoolState<Item, String>(limit: 1)
        _ = pool.request("a")
        guard case .wait(let number) = pool.request("b") else { return #expect(Bool(false)) }
        pool.withdraw(number)
        guard case .none = pool.takeBack(Item()) else { return #expect(Bool(false), "nobody waits any more") }
        guard case .lend = pool.request("c") else { return #expect(Bool(false), "an idle connection is lent") }
    }

    @Test("closes what comes back after it was shut down")
    func shutsDown() {
        var pool = PoolState<Item, String>(limit: 2)
        _ = pool.request("a")
        _ = pool.request("b")
        _ = pool.request("c")
        _ = pool.takeBack(Item())
        let end = pool.shutDown()
        #expect(end.close.isEmpty)
        #expect(end.turnAway.isEmpty)
        guard case .close = pool.takeBack(Item()) else { return #expect(Bool(false)) }
    }
}
