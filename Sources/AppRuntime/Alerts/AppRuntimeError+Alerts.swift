extension AppRuntimeError {
    static func noSecret(_ reason: String) -> AppRuntimeError {
        AppRuntimeError(
            .channel,
            "a channel's secret is missing: \(reason)",
            state: "nothing was sent",
            next: "give the variable or the file to the process"
        )
    }

    static func refusedAddress(_ url: String, _ reason: String) -> AppRuntimeError {
        AppRuntimeError(
            .channel,
            "webhooks are not sent to \(url): \(reason)",
            state: "nothing was sent",
            next: "name a host on the Internet in the configuration, with https"
        )
    }

    static func webhookFailed(_ host: String, _ reason: String) -> AppRuntimeError {
        AppRuntimeError(
            .channel,
            "a webhook to \(host) was not taken: \(reason)",
            state: "it is tried again",
            next: "look at what answers there"
        )
    }

    static func commandFailed(_ name: String, _ reason: String) -> AppRuntimeError {
        AppRuntimeError(
            .channel,
            "the command of channel \(name) failed: \(reason)",
            state: "it is tried again",
            next: "run it by hand with a message on its standard input"
        )
    }
}
