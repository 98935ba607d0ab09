import Testing

@testable import AppRuntime

@Suite("A sleep that somebody may end")
struct WakeUpTests {
    @Test("ends in time, also where its time is over before it has begun", .timeLimit(.minutes(3)))
    func shortSleeps() async {
        await withTaskGroup { group in
            for _ in 0..<8 {
                group.addTask {
                    let sleeper = WakeUp()
                    for round in 0..<4000 { await sleeper.wait(upTo: .nanoseconds(round % 3)) }
                }
            }
        }
    }

    @Test("keeps a call that comes before it, and none that has ended another one")
    func calls() async {
        let sleeper = WakeUp()
        sleeper.call()
        sleeper.call()
        #expect(await sleeper.wait(upTo: .seconds(600)))
        #expect(await !sleeper.wait(upTo: .milliseconds(1)))
        let calling = Task { sleeper.call() }
        #expect(await sleeper.wait(upTo: .seconds(600)))
        await calling.value
    }
}
