import HTTPTypes
import Hummingbird
import NIOCore
import ServiceLifecycle

/// Server-sent events for one open page (HTML Standard, 9.2).
///
/// An event is sent when something has changed, and a comment when nothing has for a while, so that proxies keep the connection.
/// The stream ends when the application does, and after some minutes: the browser comes back by itself, and who has signed out
/// meanwhile does not get in again.
struct EventStream: Sendable {
    let live: DashboardLive
    let topic: DashboardTopic
    let watch: WatchedJobs.Watch
    let interval: Duration
    /// What the page has already.
    let lastID: String?
    var silence = Duration.seconds(15)
    var longest = Duration.seconds(600)

    @concurrent
    func write(to writer: inout any ResponseBodyWriter) async throws {
        try await writer.write(ByteBuffer(string: "retry: 3000\n: hello\n\n"))
        let begun = ContinuousClock.now
        var last = lastID
        var spoken = ContinuousClock.now
        while begun.duration(to: .now) < longest {
            if let event = await event(), event.id != last {
                try await writer.write(ByteBuffer(string: "id: \(event.id)\nevent: live\ndata: \(event.data)\n\n"))
                (last, spoken) = (event.id, .now)
            } else if spoken.duration(to: .now) >= silence {
                try await writer.write(ByteBuffer(string: ": still here\n\n"))
                spoken = .now
            }
            guard await pause() else { break }
        }
        try await writer.write(ByteBuffer(string: "event: end\ndata: {}\n\n"))
    }

    /// What the page is to show; nil while the database is away.
    private func event() async -> DashboardEvent? {
        try? await live.event(topic, watch)  // the page keeps what it has, and the next look may succeed
    }

    /// Waits for the next look.
    ///
    /// - Returns: whether there is one; not when the application ends.
    private func pause() async -> Bool {
        do {
            try await cancelWhenGracefulShutdown { try await Task.sleep(for: interval) }
            return true
        } catch {
            return false
        }
    }
}

extension DashboardPages {
    /// The events for an open page.
    func events(_ request: Request, _ context: AppRequestContext) async throws -> Response {
        let fields = FormFields(request.uri.query ?? "")
        guard let topic = DashboardTopic(fields, Self.language(of: request), mayAct: mayAct(context)) else {
            throw Problem.badRequest("there is no such page to follow")
        }
        guard await live.audience < dashboard.longestAudience else {
            throw Problem.unavailable("too many pages follow what happens", retryAfter: 30)
        }
        let lastID = request.headers[Self.lastEventID]
        return Response(
            status: .ok,
            headers: [.contentType: "text/event-stream", .cacheControl: "no-store", Self.buffering: "no"],
            body: ResponseBody { [live, interval = dashboard.interval] writer in
                // Not before: a body that is never asked for would never end.
                let watch = await live.begin(topic)
                let stream = EventStream(live: live, topic: topic, watch: watch, interval: interval, lastID: lastID)
                do {
                    try await stream.write(to: &writer)
                    try await writer.finish(nil)
                    await live.end(watch)
                } catch {
                    await live.end(watch)
                    throw error
                }
            }
        )
    }

    private static let lastEventID = HTTPField.Name("Last-Event-ID") ?? .date
    /// Tells nginx to pass events on as they come.
    private static let buffering = HTTPField.Name("X-Accel-Buffering") ?? .date
}
