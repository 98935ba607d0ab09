import Logging
import Postgres

extension WorkerSession {
    /// Wakes the worker when jobs come and stops those that are cancelled, until the task is cancelled.
    ///
    /// What is sent while nobody listens is lost; so there is one fetch behind every new start, and the poll.
    func listen() async {
        let line = ReopenedConnection(settings, for: "listen", of: id)
        var failures = 0
        while !Task.isCancelled {
            do {
                let connection = try await line.open()
                let notifications = try await connection.notifications(on: JobWake.channel, JobWake.cancelChannel)
                failures = 0
                wake.call()
                try await withThrowingTaskGroup { group in
                    group.addTask { try await self.hear(notifications) }
                    // A network that fell silent is noticed by whoever asks.
                    group.addTask {
                        while true {
                            try await Task.sleep(for: .seconds(10))
                            try await connection.query("SELECT 1")
                        }
                    }
                    defer { group.cancelAll() }
                    try await group.next()
                }
            } catch {
                if Task.isCancelled { break }
                failures += 1
                logger.warning("cannot listen for jobs, trying again", metadata: ["error": "\(error)"])
                await line.close()
                await pause(after: failures)
            }
        }
        await line.close()
    }

    private func hear(_ notifications: Notifications) async throws {
        let types = Set(types)
        for try await notification in notifications {
            if notification.channel == JobWake.cancelChannel {
                cancel { $0.job.id == notification.payload }
            } else if notification.payload.isEmpty || types.contains(notification.payload) {
                wake.call()
            }
        }
    }
}
