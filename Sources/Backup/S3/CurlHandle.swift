import CCurl

/// A handle of libcurl, which one thread uses at a time; connections are kept with it.
struct CurlHandle: @unchecked Sendable {  // lent to one caller at a time
    private let pointer: UnsafeMutableRawPointer

    /// Opens a handle.
    ///
    /// - Throws: ``BackupError`` if there is no libcurl.
    init() throws(BackupError) {
        if let why = CCurl_load() { throw .noCurl(String(cString: why)) }
        guard let pointer = curl_easy_init() else { throw .noCurl("it has no memory") }
        self.pointer = pointer
    }

    /// Ends its connections.
    func close() { curl_easy_cleanup(pointer) }

    /// Forgets all options; connections are kept.
    func reset() { curl_easy_reset(pointer) }

    func set(_ option: CURLoption, _ value: Int) { _ = CCurl_set_long(pointer, option, value) }

    func setSize(_ option: CURLoption, _ value: Int) { _ = CCurl_set_size(pointer, option, curl_off_t(value)) }

    /// Sets a text, which is copied, or a pointer, which is not.
    func set(_ option: CURLoption, _ value: UnsafeRawPointer?) { _ = CCurl_set_pointer(pointer, option, value) }

    func setSink(_ option: CURLoption, _ sink: @escaping CCurl_sink) { _ = CCurl_set_sink(pointer, option, sink) }

    func perform() -> CURLcode { curl_easy_perform(pointer) }

    /// The status of the answer.
    var status: Int { CCurl_status(pointer) }

    /// What libcurl calls an error.
    static func words(for code: CURLcode) -> String { String(cString: curl_easy_strerror(code)) }

    /// Makes a list of lines, lends it, and frees it.
    static func withList<Value>(
        _ lines: [String],
        _ body: (UnsafeMutablePointer<curl_slist>?) throws -> Value
    ) rethrows -> Value {
        var list: UnsafeMutablePointer<curl_slist>?
        for line in lines { list = curl_slist_append(list, line) ?? list }
        defer { curl_slist_free_all(list) }
        return try body(list)
    }
}
