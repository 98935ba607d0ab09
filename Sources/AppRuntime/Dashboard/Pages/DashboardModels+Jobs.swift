import Foundation

extension JobListing.Entry {
    /// The state as people see it: what waits for its time and what is about to stop have words of their own.
    func shownStatus(at now: Date) -> String {
        switch status {
        case "pending": scheduledFor.map { $0 > now } ?? false ? "scheduled" : "waiting"
        case "running": isAskedToStop ? "stopping" : "running"
        default: status
        }
    }

    /// The time that matters in its state.
    var time: Date? {
        switch status {
        case "pending": scheduledFor ?? createdAt
        case "running": startedAt ?? createdAt
        default: completedAt ?? createdAt
        }
    }

    /// How long the last attempt took, in seconds, as far as the row tells.
    var seconds: Double? {
        guard let startedAt, let completedAt, completedAt >= startedAt else { return nil }
        return completedAt.timeIntervalSince(startedAt)
    }
}

extension PageModel {
    /// The colour of a job's state.
    static func kind(ofJob status: String) -> String {
        switch status {
        case "completed": "ok"
        case "failed": "bad"
        case "running": "info"
        case "stopping", "scheduled": "warn"
        default: "quiet"
        }
    }

    /// A row of a list of jobs.
    init(
        _ entry: JobListing.Entry,
        at now: Date,
        in language: DashboardLanguage,
        canPick: Bool,
        redaction: Redaction
    ) {
        let status = entry.shownStatus(at: now)
        let name = entry.name.isEmpty ? entry.type : entry.name
        self.init(
            ("id", entry.id),
            ("shortID", String(entry.id.prefix(8))),
            ("name", name.isEmpty ? String(entry.id.prefix(8)) : name),
            ("otherType", entry.type == name ? nil : entry.type),
            ("error", entry.status == "completed" ? nil : entry.error.map { redaction($0) }),
            ("kind", Self.kind(ofJob: status)),
            ("stateText", language.state(status)),
            ("attempts", "\(entry.attempts) / \(entry.maxAttempts)"),
            ("priority", "\(entry.priority)"),
            ("progress", entry.progress.map { "\(Int(($0 * 100).rounded()))" }),
            ("took", entry.seconds.map(language.duration))
        )
        self[flag: "canPick"] = canPick
        self[model: "time"] = PageModel(entry.time, to: now, in: language)
    }

    /// What the page of one job shows of it.
    init(_ job: JobDetails, in language: DashboardLanguage, mayAct: Bool, mayCopy: Bool, redaction: Redaction) {
        let entry = job.entry
        let status = entry.shownStatus(at: job.now)
        let isEnded = ["completed", "failed", "cancelled"].contains(entry.status)
        self.init(
            ("id", entry.id),
            ("kind", Self.kind(ofJob: status)),
            ("stateText", language.state(status)),
            ("why", isEnded ? nil : job.reason.map { redaction(language.reason($0)) }),
            ("error", job.error.map { redaction($0) }),
            ("progress", entry.progress.map { "\(Int(($0 * 100).rounded()))" }),
            ("progressNote", job.progressNote.map { redaction($0) }),
            ("result", job.result.map { RedactedJSON.text($0, redaction) }),
            ("data", RedactedJSON.text(job.data, redaction)),
            (
                "cut",
                job.dataBytes > JobDetails.longestData
                    ? language("payloadCut", language.bytes(JobDetails.longestData), language.bytes(job.dataBytes))
                    : nil
            ),
            ("logsCut", job.lines.count == JobDetails.lineCount ? language("logsCut", "\(JobDetails.lineCount)") : nil)
        )
        self[flag: "mayAct"] = mayAct
        self[flag: "mayRetry"] = ["failed", "cancelled"].contains(entry.status)
        self[flag: "mayHasten"] = status == "scheduled"
        self[flag: "mayCancel"] = ["pending", "running"].contains(entry.status)
        self[flag: "mayDiscard"] = entry.status == "pending"
        self[flag: "mayCopy"] = mayCopy
        self[list: "events"] = job.timeline(in: language, redaction).map { moment in
            var model = PageModel(moment.time, to: job.now, in: language)
            model["relative"] = model["text"]
            model["text"] = redaction(moment.text)
            model["kind"] = moment.kind
            model["detail"] = moment.detail.map { redaction($0) } ?? nil
            return model
        }
        self[flag: "hasLogs"] = !job.lines.isEmpty
        self[list: "logs"] = job.lines.map { line in
            var model = PageModel(line.time, to: job.now, in: language)
            model["clock"] = String(language.time(line.time).suffix(8))
            model["level"] = ["debug", "info", "warning", "error"].contains(line.level) ? line.level : "info"
            model["attempt"] = line.attempt.map(String.init)
            model["message"] = redaction(line.message)
            model["details"] = line.details.map { RedactedJSON.text($0, redaction) }
            return model
        }
        let facts = job.facts(in: language)
        self[model: "meta"] = {
            var meta = PageModel()
            meta[list: "facts"] = facts.map { PageModel(("name", $0.name), ("value", redaction($0.value))) }
            return meta
        }()
    }
}

extension JobDetails {
    /// Something that happened to a job.
    struct Moment {
        let time: Date
        let text: String
        let kind: String
        let detail: String?
    }

    /// What happened, in order: from the row, from what people and sweeps did, and from the log's attempts.
    func timeline(in language: DashboardLanguage, _ redaction: Redaction) -> [Moment] {
        var moments: [Moment] = []
        if let created = entry.createdAt {
            moments.append(Moment(time: created, text: language("event-inserted"), kind: "quiet", detail: nil))
        }
        if let due = entry.scheduledFor {
            moments.append(Moment(time: due, text: language("event-due"), kind: "quiet", detail: nil))
        }
        // The row knows of the last attempt only; what earlier ones wrote to the log tells when they were.
        var seen = Set([entry.attempts])
        for line in lines {
            guard let attempt = line.attempt, seen.insert(attempt).inserted else { continue }
            moments.append(
                Moment(time: line.time, text: language("event-logged", "\(attempt)"), kind: "quiet", detail: nil)
            )
        }
        if let started = entry.startedAt {
            let text = language("event-started", "\(entry.attempts)")
            moments.append(Moment(time: started, text: text, kind: "info", detail: meta.worker))
        }
        moments += events.map { event in
            let actor = event.actor ?? language("system")
            let isKnown = DashboardWords.phrases["event-\(event.kind)"] != nil
            let text = isKnown ? language("event-\(event.kind)", actor) : language("event-other", event.kind, actor)
            let isGrave = ["rescued", "orphan", "ack-stale", "repaired"].contains(event.kind)
            let detail = EventDetails.text(RedactedJSON.text(event.details, redaction))
            return Moment(time: event.time, text: text, kind: isGrave ? "warn" : "quiet", detail: detail)
        }
        if let ended = entry.completedAt {
            let key = entry.status == "cancelled" ? "event-ended" : "event-\(entry.status)"
            let took = entry.seconds.map(language.duration)
            moments.append(
                Moment(time: ended, text: language(key), kind: PageModel.kind(ofJob: entry.status), detail: took)
            )
        }
        return moments.enumerated().sorted { ($0.element.time, $0.offset) < ($1.element.time, $1.offset) }.map(
            \.element
        )
    }

    /// What else there is to know.
    func facts(in language: DashboardLanguage) -> [(name: String, value: String)] {
        let pairs: [(String, String?)] = [
            ("factType", entry.type),
            ("factID", entry.id),
            ("priority", "\(entry.priority)"),
            ("attempts", "\(entry.attempts) / \(entry.maxAttempts)"),
            ("factKey", meta.concurrencyKey),
            ("factTags", meta.tags.isEmpty ? nil : meta.tags.joined(separator: ", ")),
            ("factActor", meta.actor),
            ("factBatch", meta.batch),
            ("factTrace", meta.trace),
            ("factHanded", meta.handedBack == 0 ? nil : "\(meta.handedBack)"),
            ("factWorker", meta.worker),
            ("factDeadline", meta.deadline.map { language.time($0) }),
            ("factUnique", meta.isUnique ? language("yes") : nil),
            ("factSize", language.bytes(dataBytes)),
        ]
        return pairs.compactMap { key, value in value.map { (language(key), $0) } }
    }
}
