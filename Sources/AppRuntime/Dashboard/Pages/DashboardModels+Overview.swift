import Foundation

extension PageModel {
    /// The overview: how it is, in a sentence, in numbers and in lines.
    init(overview snapshot: RuntimeSnapshot, _ ages: [Date: Double], in language: DashboardLanguage) {
        self.init()
        let states = snapshot.health.map(\.state)
        let hasLeader = snapshot.leader?.isPresent ?? false
        let isDown = states.contains("down")
        let grave = snapshot.alerts.filter { [.high, .critical].contains($0.severity) && $0.silencedUntil == nil }
        let isDegraded = states.contains("degraded") || !hasLeader || !grave.isEmpty
        self["healthKind"] = isDown ? "bad" : isDegraded ? "warn" : "ok"
        self["healthText"] = language(isDown ? "unhealthy" : isDegraded ? "degraded" : "healthy")
        self["healthDetail"] = [hasLeader ? nil : language("noLeader"), grave.first.map(language.title)].compactMap {
            $0
        }
        .joined(separator: " ")
        self[list: "tiles"] = Self.tiles(snapshot, in: language)
        self[list: "charts"] = DashboardChart.all(of: snapshot, ages, in: language).map { $0.model(in: language) }
        self[flag: "hasComponents"] = !snapshot.health.isEmpty
        self[list: "components"] = snapshot.health.map { component in
            let kind = ["up": "ok", "degraded": "warn"][component.state] ?? "bad"
            let parts = [component.detail, component.latency.map(language.duration)].compactMap { $0 }
            return PageModel(
                ("name", component.component),
                ("kind", kind),
                ("stateText", language.state(component.state)),
                ("detail", parts.joined(separator: " · "))
            )
        }
        self[flag: "hasAlerts"] = !snapshot.alerts.isEmpty
        self[list: "alerts"] = snapshot.alerts.prefix(8).map { alert in
            var model = PageModel(
                ("kind", alert.severity.kind),
                ("severity", language(alert.severity.word)),
                ("name", language.title(of: alert))
            )
            model[model: "time"] = PageModel(alert.openedAt, to: snapshot.takenAt, in: language)
            return model
        }
    }

    private static func tiles(_ snapshot: RuntimeSnapshot, in language: DashboardLanguage) -> [PageModel] {
        let counts = snapshot.counts
        var hour = (completed: 0, bad: 0)
        for minute in snapshot.minutes {
            let attempts = minute.attempts
            hour.completed += attempts.completed
            hour.bad += attempts.failed + attempts.retried + attempts.rescued
        }
        let attempts = hour.completed + hour.bad
        let rate = attempts == 0 ? 0 : Double(hour.bad) / Double(attempts)
        let alive = snapshot.workers.filter { $0.isAlive }.count
        let age = snapshot.oldestRunnableAge
        func tile(_ key: String, _ value: String, _ href: String? = nil, _ kind: String = "plain") -> PageModel {
            PageModel(("name", language(key)), ("value", value), ("href", href), ("kind", kind))
        }
        return [
            tile("waiting", language.count(counts.runnable), "/dashboard/jobs?state=waiting"),
            tile("scheduled", language.count(counts.scheduled), "/dashboard/jobs?state=scheduled"),
            tile("running", language.number(counts.running), "/dashboard/jobs?state=running"),
            tile(
                "failed",
                language.count(counts.failed),
                "/dashboard/jobs?state=failed",
                counts.failed.number > 0 ? "bad" : "plain"
            ),
            tile("completedHour", language.number(hour.completed), "/dashboard/jobs?state=completed"),
            tile("errorRateHour", language.percent(rate), nil, rate > 0.05 ? "bad" : "plain"),
            tile("oldest", age > 0 ? language.duration(age) : "–", nil, age > 60 ? "warn" : "plain"),
            tile("workersUp", language.number(alive), "/dashboard/workers", alive == 0 ? "bad" : "plain"),
        ]
    }
}

extension DashboardLanguage {
    /// A number of rows, with a plus sign where more were not counted.
    func count(_ count: JobCount) -> String { number(count.number) + (count.isAtLeast ? "+" : "") }
}

extension WorkerFigures {
    /// Whether it was heard of within the time after which its jobs are given to others.
    var isAlive: Bool { silence < 30 }
}

extension AlertSeverity {
    /// The colour that it is shown in.
    var kind: String {
        switch self {
        case .low: "quiet"
        case .medium: "info"
        case .high: "warn"
        case .critical: "bad"
        }
    }

    /// The phrase for it.
    var word: String {
        switch self {
        case .low: "severity-low"
        case .medium: "severity-medium"
        case .high: "severity-high"
        case .critical: "severity-critical"
        }
    }
}

extension DashboardChart {
    /// The charts of the overview, each of the last sixty minutes.
    static func all(
        of snapshot: RuntimeSnapshot,
        _ ages: [Date: Double],
        in language: DashboardLanguage
    ) -> [DashboardChart] {
        let minutes = snapshot.minutes
        let times = minutes.map(\.minute)
        let number: @Sendable (Double) -> String = { language.number(Int($0.rounded())) }
        func count(_ value: (AttemptFigures) -> Int) -> [Double?] { minutes.map { Double(value($0.attempts)) } }
        return [
            DashboardChart(
                id: "throughput",
                title: language("chartThroughput"),
                shape: .bars,
                minutes: times,
                series: [
                    Series(name: language("seriesCompleted"), kind: "a", values: count { $0.completed }),
                    Series(
                        name: language("seriesFailed"),
                        kind: "b",
                        values: count { $0.failed + $0.retried + $0.rescued }
                    ),
                ],
                label: number
            ),
            DashboardChart(
                id: "times",
                title: language("chartTimes"),
                shape: .lines,
                minutes: times,
                series: [
                    Series(name: "p50", kind: "c", values: minutes.map { $0.attempts.seconds(at: 0.5) }),
                    Series(name: "p95", kind: "a", values: minutes.map { $0.attempts.seconds(at: 0.95) }),
                ],
                label: { language.duration($0) }
            ),
            DashboardChart(
                id: "age",
                title: language("chartAge"),
                shape: .lines,
                minutes: times,
                series: [Series(name: language("seriesAge"), kind: "a", values: times.map { ages[$0] })],
                label: { language.duration($0) }
            ),
            DashboardChart(
                id: "errors",
                title: language("chartErrors"),
                shape: .lines,
                minutes: times,
                series: [
                    Series(
                        name: language("seriesErrors"),
                        kind: "b",
                        values: minutes.map { minute in
                            let attempts = minute.attempts
                            let all = attempts.completed + attempts.failed + attempts.retried + attempts.rescued
                            return all == 0 ? nil : attempts.errorRate
                        }
                    )
                ],
                label: { language.percent($0) }
            ),
        ]
    }
}
