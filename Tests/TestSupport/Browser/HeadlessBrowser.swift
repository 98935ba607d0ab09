import Foundation
import Synchronization
import Testing

/// A headless Chromium, spoken to through two pipes with its DevTools protocol.
public final class HeadlessBrowser: Sendable {
    /// What the browser answers with an error.
    public struct Refusal: Error, CustomStringConvertible {
        /// The method, and what it answered.
        public let description: String
    }

    private struct State {
        var next = 1
        var answers: [Int: String] = [:]
        var hasEnded = false
    }

    private let process: pid_t
    private let input: FileHandle
    private let output: FileHandle
    private let state = Mutex(State())
    private let profile: String
    private let session = Mutex("")

    /// The program; nil if this machine has none.
    public static let program = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"].first {
        FileManager.default.isExecutableFile(atPath: $0)
    }

    /// Starts a browser with one empty page.
    public init() async throws {
        let program = try #require(Self.program, "there is no Chromium: run script/bootstrap")
        profile = FileManager.default.temporaryDirectory.appending(path: "browser-" + UUID().uuidString.prefix(8)).path
        var toBrowser: [Int32] = [0, 0]
        var fromBrowser: [Int32] = [0, 0]
        try #require(pipe(&toBrowser) == 0 && pipe(&fromBrowser) == 0)
        for descriptor in toBrowser + fromBrowser { _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC) }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        // The protocol's own places. The pipes may lie there already, so they are moved out of the way first.
        posix_spawn_file_actions_adddup2(&actions, toBrowser[0], 200)
        posix_spawn_file_actions_adddup2(&actions, fromBrowser[1], 201)
        posix_spawn_file_actions_adddup2(&actions, 200, 3)
        posix_spawn_file_actions_adddup2(&actions, 201, 4)
        posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0)
        posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0)
        let arguments = [
            program, "--headless=new", "--no-sandbox", "--remote-debugging-pipe", "--user-data-dir=\(profile)",
            "--disable-gpu",
            "--hide-scrollbars", "--no-first-run", "--disable-dev-shm-usage", "--disable-background-networking",
            "--disable-component-update", "--disable-sync", "--lang=en", "--force-color-profile=srgb",
        ]
        var pid = pid_t()
        let words = arguments.map { strdup($0) } + [nil]
        defer { for word in words { free(word) } }
        let variables = ProcessInfo.processInfo.environment.map { strdup("\($0.key)=\($0.value)") } + [nil]
        defer { for variable in variables { free(variable) } }
        try #require(posix_spawn(&pid, program, &actions, nil, words, variables) == 0)
        process = pid
        for descriptor in [toBrowser[0], fromBrowser[1]] { _ = Foundation.close(descriptor) }
        input = FileHandle(fileDescriptor: toBrowser[1], closeOnDealloc: true)
        output = FileHandle(fileDescriptor: fromBrowser[0], closeOnDealloc: true)
        Thread.detachNewThread { [self] in read() }
        let target = try await send("Target.createTarget", ["url": "about:blank"], isOfPage: false)
        let id = try #require(target["targetId"] as? String)
        let attached = try await send("Target.attachToTarget", ["targetId": id, "flatten": true], isOfPage: false)
        let name = try #require(attached["sessionId"] as? String)
        session.withLock { $0 = name }
        for domain in ["Page.enable", "Runtime.enable", "Network.enable", "DOM.enable"] { try await send(domain) }
        try await send("Emulation.setFocusEmulationEnabled", ["enabled": true])
    }

    /// Ends the browser.
    public func close() {
        kill(process, SIGKILL)
        var status: Int32 = 0
        waitpid(process, &status, 0)
        try? FileManager.default.removeItem(atPath: profile)  // what is left lies in the folder for temporary files
    }

    private func read() {
        var buffer: [UInt8] = []
        while true {
            let data = output.availableData
            guard !data.isEmpty else {
                state.withLock { $0.hasEnded = true }
                return
            }
            buffer += data
            while let end = buffer.firstIndex(of: 0) {
                take(Data(buffer[..<end]))
                buffer.removeSubrange(...end)
            }
        }
    }

    private func take(_ message: Data) {
        guard let object = try? JSONSerialization.jsonObject(with: message) as? [String: Any],
            let id = object["id"] as? Int
        else { return }
        state.withLock { $0.answers[id] = String(decoding: message, as: UTF8.self) }
    }

    /// Sends a command and waits for its answer.
    @discardableResult
    public func send(_ method: String, _ parameters: [String: Any] = [:], isOfPage: Bool = true) async throws
        -> [String: Any]
    {
        let id = state.withLock { state in
            defer { state.next += 1 }
            return state.next
        }
        var message: [String: Any] = ["id": id, "method": method, "params": parameters]
        if isOfPage { message["sessionId"] = session.withLock { $0 } }
        try input.write(contentsOf: try JSONSerialization.data(withJSONObject: message) + [0])
        let limit = ContinuousClock.now + .seconds(60)
        while true {
            let (answer, hasEnded) = state.withLock { ($0.answers.removeValue(forKey: id), $0.hasEnded) }
            if let answer {
                let object = try JSONSerialization.jsonObject(with: Data(answer.utf8)) as? [String: Any] ?? [:]
                if let error = object["error"] { throw Refusal(description: "\(method): \(error)") }
                return object["result"] as? [String: Any] ?? [:]
            }
            try #require(!hasEnded && ContinuousClock.now < limit, "\(method) has no answer")
            try await Task.sleep(for: .milliseconds(5))
        }
    }

    /// The value of an expression, as JSON has it.
    public func value(_ expression: String) async throws -> Any? {
        let answer = try await send(
            "Runtime.evaluate",
            ["expression": expression, "returnByValue": true, "awaitPromise": true]
        )
        if let details = answer["exceptionDetails"] as? [String: Any] {
            throw Refusal(description: "\(expression.prefix(200)): \(details["exception"] ?? details)")
        }
        return (answer["result"] as? [String: Any])?["value"]
    }

    /// The text that an expression gives.
    public func text(_ expression: String) async throws -> String { "\(try await value(expression) ?? "")" }

    /// Waits until an expression is true, also over a change of page.
    public func wait(for expression: String) async throws {
        let limit = ContinuousClock.now + .seconds(60)
        while true {
            // A page that is being left answers with an error.
            if (try? await value("Boolean(\(expression))")) as? Bool == true { return }
            let page = (try? await text("location.href + ' ' + document.body.innerText.slice(0, 600)")) ?? ""
            try #require(ContinuousClock.now < limit, "still not so: \(expression) on \(page)")
            try await Task.sleep(for: .milliseconds(20))
        }
    }

    /// Opens a page; a server that is too busy just then is asked again.
    public func open(_ url: String) async throws {
        let limit = ContinuousClock.now + .seconds(60)
        repeat {
            // The answer may come before the page that is left is gone, and that one is complete as well.
            _ = try await value("window.isLeft = true")
            try await send("Page.navigate", ["url": url])
            try await wait(
                for: "!window.isLeft && document.readyState === 'complete' && location.href !== 'about:blank'"
            )
            if try await text("performance.getEntriesByType('navigation')[0].responseStatus") != "503" { return }
        } while ContinuousClock.now < limit
    }

    /// Presses a key.
    public func press(_ key: String, code: Int, text: String? = nil) async throws {
        var down: [String: Any] = [
            "type": text == nil ? "rawKeyDown" : "keyDown", "key": key, "windowsVirtualKeyCode": code,
        ]
        if let text { down["text"] = text }
        try await send("Input.dispatchKeyEvent", down)
        try await send("Input.dispatchKeyEvent", ["type": "keyUp", "key": key, "windowsVirtualKeyCode": code])
    }

    /// Makes the window so wide, in light or dark colours.
    public func resize(_ width: Int, _ height: Int, isDark: Bool = false) async throws {
        try await send(
            "Emulation.setDeviceMetricsOverride",
            ["width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 500]
        )
        try await send(
            "Emulation.setEmulatedMedia",
            ["features": [["name": "prefers-color-scheme", "value": isDark ? "dark" : "light"]]]
        )
    }

    /// Keeps a picture of the whole page.
    public func screenshot(_ path: String) async throws {
        let answer = try await send("Page.captureScreenshot", ["format": "png", "captureBeyondViewport": true])
        let data = try #require((answer["data"] as? String).flatMap { Data(base64Encoded: $0) })
        let url = URL(filePath: path)
        try FileManager.default.createDirectory(at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
        try data.write(to: url)
    }
}
