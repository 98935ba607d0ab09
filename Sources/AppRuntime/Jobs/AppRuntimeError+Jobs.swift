extension AppRuntimeError {
    static func unwritablePayload(_ type: String, _ reason: String) -> AppRuntimeError {
        AppRuntimeError(
            .payload,
            "a job of type \(type) cannot be written as JSON: \(reason)",
            state: "nothing was inserted",
            next: "leave out what JSON has no form for, such as numbers that are not finite"
        )
    }

    static func unreadablePayload(_ type: String, _ reason: String) -> AppRuntimeError {
        AppRuntimeError(
            .payload,
            "the data of this job is no \(type): \(reason)",
            state: "the handler was not called",
            next: "mend the data, or let the type read what older releases wrote, and redrive the job"
        )
    }

    static func noJob(_ id: String) -> AppRuntimeError {
        AppRuntimeError(
            .noJob,
            "there is no job \(id)",
            state: "nothing was changed",
            next: "look for another id: ended jobs are deleted after a while"
        )
    }

    static func wrongState(_ id: String, _ status: String, wanted: String) -> AppRuntimeError {
        AppRuntimeError(
            .wrongState,
            "job \(id) is \(status), not \(wanted)",
            state: "nothing was changed",
            next: "a job that has failed or was cancelled is put back by a redrive"
        )
    }

    static func contended(_ type: String) -> AppRuntimeError {
        AppRuntimeError(
            .contended,
            "a unique job of type \(type) came and went each time it was looked for",
            state: "nothing was inserted",
            next: "insert it again"
        )
    }

    static func sealedBatch(_ id: String) -> AppRuntimeError {
        AppRuntimeError(
            .sealedBatch,
            "batch \(id) cannot be sealed: it is sealed already, or is not there",
            state: "nothing was changed",
            next: "make another batch"
        )
    }

    static func resultTooLarge(_ bytes: Int) -> AppRuntimeError {
        AppRuntimeError(
            .resultTooLarge,
            "the handler returned \(bytes) bytes, more than the \(StorableText.longestResult) that are stored",
            state: "the attempt counts as failed",
            next: "store them elsewhere and return where"
        )
    }

    static func noHandler(_ type: String) -> AppRuntimeError {
        AppRuntimeError(
            .noHandler,
            "there is no handler for jobs of type \(type)",
            state: "nothing was run",
            next: "register one"
        )
    }

    static func stalledDuty(_ name: String, after time: Duration) -> AppRuntimeError {
        AppRuntimeError(
            .stalledDuty,
            "the duty \(name) did not end within \(time)",
            state: "this process leads no more",
            next: "look at what the database is waiting for"
        )
    }
}
