import Testing

@testable import AppRuntime

@Suite("Jobs that a worker holds")
struct RunningJobsTests {
    private let jobs = RunningJobs()

    private func start() {
        let job = FetchedJob(id: "1", type: "add", data: "{}", attempt: 1, maxAttempts: 1)
        jobs.add([RunningJobs.Entry(job: job, settings: JobSettings(), started: .now)])
    }

    private func fill() { jobs.fill(1) { _ in Task {} } }

    @Test("are not over before it is said how the last one ended, whoever takes it out")
    func areOver() {
        #expect(jobs.areOver)
        var said = 0
        func say(_ entry: RunningJobs.Entry) {
            #expect(!jobs.areOver && jobs.held == 0)
            said += 1
        }
        start()
        fill()
        #expect(!jobs.areOver && jobs.held == 1)
        let left = jobs.remove(token: 0, say)
        #expect(left.map { $0.held == 0 && !$0.hasWaiting } == true)
        #expect(jobs.areOver)
        #expect(jobs.remove(token: 0, say) == nil)

        start()
        jobs.removeWaiting(where: { _ in true }, say)
        #expect(jobs.areOver)
        start()
        fill()
        jobs.removeStuck(after: .zero, say)
        #expect(!jobs.areOver)
        jobs.stop(.request) { _ in true }
        jobs.removeStuck(after: .zero, say)
        #expect(jobs.areOver)
        start()
        fill()
        jobs.removeAll(say)
        #expect(jobs.areOver && said == 4 && jobs.ended == 1)
    }
}
