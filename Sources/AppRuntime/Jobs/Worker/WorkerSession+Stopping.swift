import Logging
import Synchronization

extension WorkerSession {
    /// Lets running jobs end, then tells them to, then gives back what is left: every claim of the worker is settled.
    func drain() async {
        if lost.isRaised {
            // Others have the jobs by now; what the handlers come up with is refused by the claims' tokens.
            running.stop(.lostWorker) { _ in true }
            _ = running.removeAll()
            return
        }
        giveBack(running.removeWaiting { _ in true })
        logger.info("stopping", metadata: ["running": "\(running.count)"])
        if !stop.isHard { await waitForJobs(upTo: options.softStop) }
        running.stop(.shutdown) { _ in true }
        await waitForJobs(upTo: options.hardStop)
        let left = running.removeAll()
        if !left.isEmpty {
            logger.warning("giving back jobs that did not stop", metadata: ["jobs": "\(left.map(\.job.id))"])
        }
        giveBack(left)
    }

    /// Gives jobs back without costing an attempt.
    func giveBack(_ entries: [RunningJobs.Entry]) {
        for entry in entries {
            acknowledger.add(Acknowledger.Item(acknowledgement: entry.givenBack, batch: entry.job.batch))
        }
    }

    /// Stops jobs that somebody has cancelled, whether they run already or not.
    func cancel(where isMeant: (RunningJobs.Entry) -> Bool) {
        running.stop(.request, where: isMeant)
        for var entry in running.removeWaiting(where: isMeant) {
            entry.cause = .request
            let acknowledgement = entry.acknowledgement(of: .failure(CancellationError()))
            acknowledger.add(Acknowledger.Item(acknowledgement: acknowledgement, batch: entry.job.batch))
        }
    }

    private func waitForJobs(upTo patience: Duration) async {
        let limit = ContinuousClock.now + patience
        wakesAt.store(.max, ordering: .relaxed)
        while running.count > 0, ContinuousClock.now < limit {
            await wake.wait(upTo: .milliseconds(50))
            if stop.isHard, patience == options.softStop { return }
        }
    }
}
