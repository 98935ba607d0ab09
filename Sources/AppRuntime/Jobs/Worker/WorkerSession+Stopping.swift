import Logging
import Synchronization

extension WorkerSession {
    /// Takes it that others have the jobs by now: their handlers are told at once, whatever the worker waits for.
    func lose(since reason: String) {
        guard !lost.isRaised else { return }
        logger.error("\(reason): the jobs are others' now")
        lost.raise(isHard: true)
        running.close()
        running.stop(.lostWorker) { _ in true }
    }

    /// Lets running jobs end, then tells them to, then gives back what is left.
    func drain() async {
        running.close()
        running.removeWaiting(where: { _ in true }, giveBack)
        if lost.isRaised {
            // What the handlers come up with is refused by the claims' tokens.
            running.stop(.lostWorker) { _ in true }
            running.removeAll { _ in }
            return
        }
        logger.info("stopping", metadata: ["running": "\(running.count)"])
        await waitForJobs(upTo: options.softStop) { !stop.isHard }
        running.stop(.shutdown) { _ in true }
        await waitForJobs(upTo: options.hardStop)
        running.removeAll { entry in
            logger.warning("giving back a job that did not stop", metadata: ["job": "\(entry.job.id)"])
            giveBack(entry)
        }
        // Of those that end just now it is about to be said.
        while !running.areOver { await wake.wait(upTo: .milliseconds(1)) }
    }

    /// Gives a job back without costing an attempt.
    func giveBack(_ entry: RunningJobs.Entry) {
        acknowledger.add(Acknowledger.Item(acknowledgement: entry.givenBack, batch: entry.job.batch))
    }

    /// Stops jobs that somebody has cancelled, whether they run already or not.
    func cancel(where isMeant: (RunningJobs.Entry) -> Bool) {
        running.stop(.request, where: isMeant)
        running.removeWaiting(where: isMeant) { entry in
            var entry = entry
            entry.cause = .request
            let acknowledgement = entry.acknowledgement(of: .failure(CancellationError()))
            acknowledger.add(Acknowledger.Item(acknowledgement: acknowledgement, batch: entry.job.batch))
        }
    }

    private func waitForJobs(upTo patience: Duration, while mayWait: () -> Bool = { true }) async {
        let limit = ContinuousClock.now + patience
        wakesAt.store(.max, ordering: .relaxed)
        while !running.areOver, mayWait(), ContinuousClock.now < limit { await wake.wait(upTo: .milliseconds(50)) }
    }
}
