import CCurl
import Glibc

/// A request to a webhook, through libcurl.
struct WebhookRequest: Sendable {
    enum Outcome: Sendable {
        case answered(Int)
        /// The address is not one to send to.
        case refused(String)
        case failed(String)
    }

    let url: String
    let headers: [String]
    let body: [UInt8]
    let trust: WebhookTrust

    /// Sends it and waits for the status; the answer's body is of no interest.
    func send() -> Outcome {
        if let why = CCurl_load() { return .failed(String(cString: why)) }
        guard let handle = curl_easy_init() else { return .failed("libcurl has no memory") }
        defer { curl_easy_cleanup(handle) }
        let watch = Watch(allowsLoopback: trust.allowsLoopback)
        var list: UnsafeMutablePointer<curl_slist>?
        for line in headers + ["Expect:"] { list = curl_slist_append(list, line) ?? list }
        defer { curl_slist_free_all(list) }
        let code = body.withUnsafeBytes { body in
            configure(handle, watch, list, body)
            return withExtendedLifetime(watch) { curl_easy_perform(handle) }
        }
        if let reason = watch.refusal { return .refused(reason) }
        // Whoever answers for longer than it is listened to has answered.
        let status = CCurl_status(handle)
        guard code == CURLE_OK || (code == CURLE_WRITE_ERROR && status > 0) else {
            return .failed(String(cString: curl_easy_strerror(code)))
        }
        return .answered(status)
    }

    private func configure(
        _ handle: UnsafeMutableRawPointer,
        _ watch: Watch,
        _ list: UnsafeMutablePointer<curl_slist>?,
        _ body: UnsafeRawBufferPointer
    ) {
        _ = CCurl_set_pointer(handle, CURLOPT_URL, url)
        _ = CCurl_set_pointer(handle, CURLOPT_PROTOCOLS_STR, "https")
        // A proxy would resolve and connect in our stead, and nothing could be checked.
        _ = CCurl_set_pointer(handle, CURLOPT_PROXY, "")
        _ = CCurl_set_long(handle, CURLOPT_FOLLOWLOCATION, 0)
        _ = CCurl_set_long(handle, CURLOPT_NOSIGNAL, 1)
        _ = CCurl_set_long(handle, CURLOPT_CONNECTTIMEOUT, 5)
        _ = CCurl_set_long(handle, CURLOPT_TIMEOUT, 15)
        if let authorities = trust.authorities { _ = CCurl_set_pointer(handle, CURLOPT_CAINFO, authorities) }
        _ = CCurl_set_pointer(handle, CURLOPT_HTTPHEADER, list)
        _ = CCurl_set_long(handle, CURLOPT_POST, 1)
        _ = CCurl_set_size(handle, CURLOPT_POSTFIELDSIZE_LARGE, curl_off_t(body.count))
        _ = CCurl_set_pointer(handle, CURLOPT_POSTFIELDS, body.baseAddress)
        let context = Unmanaged.passUnretained(watch).toOpaque()
        _ = CCurl_set_sink(handle, CURLOPT_WRITEFUNCTION) { _, size, count, context in
            Watch.of(context)?.count(size * count) ?? 0
        }
        _ = CCurl_set_pointer(handle, CURLOPT_WRITEDATA, context)
        _ = CCurl_set_open_socket(handle, openChecked, context)
        _ = CCurl_set_before_request(handle, useChecked, context)
    }

    /// Watches over one request, on the thread that performs it.
    fileprivate final class Watch {
        private let allowsLoopback: Bool
        private var bytes = 0
        private(set) var refusal: String?

        init(allowsLoopback: Bool) {
            self.allowsLoopback = allowsLoopback
        }

        static func of(_ context: UnsafeMutableRawPointer?) -> Watch? {
            context.map { Unmanaged<Watch>.fromOpaque($0).takeUnretainedValue() }
        }

        /// Takes no more than 64 KiB of an answer.
        func count(_ more: Int) -> Int {
            bytes += more
            return bytes > 65536 ? 0 : more
        }

        /// Asked for every address that a name resolves to, before a connection is made to it.
        func mayConnect(to address: UnsafePointer<sockaddr>) -> Bool { judge(RefusedAddress.reason(address)) }

        /// Asked for the address that was connected to, before anything is sent.
        func mayUse(_ text: UnsafePointer<CChar>) -> Bool { judge(RefusedAddress.reason(String(cString: text))) }

        private func judge(_ reason: String?) -> Bool {
            // One address that is not right spoils the name: its others are not tried, and what stands already is not used.
            guard refusal == nil else { return false }
            guard let reason, !(allowsLoopback && reason.contains("loopback")) else { return true }
            refusal = reason
            return false
        }
    }
}

/// Opens a socket for an address that may be connected to.
private let openChecked: curl_opensocket_callback = { context, _, address in
    guard let address, let watch = WebhookRequest.Watch.of(context) else { return -1 }
    // Where it lies: an address of IPv6 is longer than the member that begins it.
    guard let place = MemoryLayout<curl_sockaddr>.offset(of: \.addr) else { return -1 }
    let target = (UnsafeRawPointer(address) + place).assumingMemoryBound(to: sockaddr.self)
    guard watch.mayConnect(to: target) else { return -1 }
    let kind = address.pointee.socktype | Int32(SOCK_CLOEXEC.rawValue)
    return socket(address.pointee.family, kind, address.pointee.protocol)
}

/// Looks at what was connected, before the request is sent.
private let useChecked: curl_prereq_callback = { context, address, _, _, _ in
    guard let address, let watch = WebhookRequest.Watch.of(context), watch.mayUse(address) else {
        return CURL_PREREQFUNC_ABORT
    }
    return CURL_PREREQFUNC_OK
}
