import Foundation
import FoundationNetworking
import Synchronization
import Testing

/// An open page that listens to server-sent events.
final class EventReader: NSObject, URLSessionDataDelegate, Sendable {
    private struct State {
        var text = ""
        var status = 0
        var hasEnded = false
    }

    private let state = Mutex(State())
    private let session = Mutex<URLSession?>(nil)

    var text: String { state.withLock { $0.text } }
    var status: Int { state.withLock { $0.status } }
    var hasEnded: Bool { state.withLock { $0.hasEnded } }
    /// The ids of the events that came, in order.
    var ids: [String] { text.split(separator: "\n").filter { $0.hasPrefix("id: ") }.map { String($0.dropFirst(4)) } }

    /// Begins to listen.
    func open(_ request: URLRequest) {
        let session = URLSession(configuration: .ephemeral, delegate: self, delegateQueue: nil)
        session.dataTask(with: request).resume()
        self.session.withLock { $0 = session }
    }

    func close() { session.withLock { $0?.invalidateAndCancel() } }

    func urlSession(
        _ session: URLSession,
        dataTask: URLSessionDataTask,
        didReceive response: URLResponse,
        completionHandler: @escaping (URLSession.ResponseDisposition) -> Void
    ) {
        state.withLock { $0.status = (response as? HTTPURLResponse)?.statusCode ?? 0 }
        completionHandler(.allow)
    }

    func urlSession(_ session: URLSession, dataTask: URLSessionDataTask, didReceive data: Data) {
        state.withLock { $0.text += String(decoding: data, as: UTF8.self) }
    }

    func urlSession(_ session: URLSession, task: URLSessionTask, didCompleteWithError error: (any Error)?) {
        state.withLock { $0.hasEnded = true }
    }

    /// Waits until what came fits.
    func wait(until fits: (EventReader) -> Bool) async throws {
        let limit = ContinuousClock.now + .seconds(60)
        while !fits(self) {
            try #require(ContinuousClock.now < limit, "what came is \(text.suffix(2000))")
            try await Task.sleep(for: .milliseconds(10))
        }
    }
}

extension DashboardSite {
    /// Opens a page's events.
    func listen(_ query: String, as who: String = "ada", lastID: String? = nil) throws -> EventReader {
        var request = URLRequest(url: try #require(URL(string: "http://127.0.0.1:\(port)/dashboard/events?\(query)")))
        request.setValue("session=\(who)", forHTTPHeaderField: "Cookie")
        request.httpShouldHandleCookies = false
        request.timeoutInterval = 120
        if let lastID { request.setValue(lastID, forHTTPHeaderField: "Last-Event-ID") }
        let reader = EventReader()
        reader.open(request)
        return reader
    }

    /// What came until it fits.
    func events(_ query: String, until fits: (String) -> Bool) async throws -> String {
        let reader = try listen(query)
        defer { reader.close() }
        try await reader.wait { fits($0.text) }
        return reader.text
    }
}
