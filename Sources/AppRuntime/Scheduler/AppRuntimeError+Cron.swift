extension AppRuntimeError {
    static func cron(_ expression: String, field: CronField?, _ problem: String, next: String) -> AppRuntimeError {
        let place = field.map { ", \($0.title) (field \($0.rawValue + 1))" } ?? ""
        return AppRuntimeError(
            .invalidCron,
            "cron expression \"\(expression)\"\(place): \(problem)",
            state: "nothing is scheduled by it",
            next: next
        )
    }

    static func unknownTimeZone(_ name: String) -> AppRuntimeError {
        AppRuntimeError(
            .unknownTimeZone,
            "there is no time zone \"\(name)\"",
            state: "nothing is scheduled in it",
            next: "give a name of the IANA time zone database, such as UTC, Europe/Lisbon or America/Sao_Paulo"
        )
    }
}
