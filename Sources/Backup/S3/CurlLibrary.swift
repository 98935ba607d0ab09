import CCurl

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// The functions of libcurl, which is opened when it is first needed.
final class CurlLibrary: @unchecked Sendable {  // only pointers to functions, which are never changed
    private static let names = ["libcurl.so.4", "libcurl-gnutls.so.4"]
    private static let opened = Result { () throws(BackupError) in try CurlLibrary() }

    private let easyInit: @convention(c) () -> UnsafeMutableRawPointer?
    private let easyReset: @convention(c) (UnsafeMutableRawPointer) -> Void
    private let easyCleanup: @convention(c) (UnsafeMutableRawPointer) -> Void
    private let easyPerform: @convention(c) (UnsafeMutableRawPointer) -> CURLcode
    private let easyError: @convention(c) (CURLcode) -> UnsafePointer<CChar>?
    private let appendToList:
        @convention(c) (UnsafeMutableRawPointer?, UnsafePointer<CChar>) -> UnsafeMutableRawPointer?
    private let freeList: @convention(c) (UnsafeMutableRawPointer?) -> Void
    private let setOption: UnsafeMutableRawPointer
    private let getInformation: UnsafeMutableRawPointer

    /// The library, opened once.
    static func shared() throws(BackupError) -> CurlLibrary { try opened.get() }

    private init() throws(BackupError) {
        guard let library = Self.names.lazy.compactMap({ dlopen($0, RTLD_NOW | RTLD_LOCAL) }).first else {
            throw .noCurl("\(Self.names[0]) cannot be opened")
        }
        func find(_ name: String) throws(BackupError) -> UnsafeMutableRawPointer {
            guard let function = dlsym(library, name) else { throw .noCurl("it has no \(name)") }
            return function
        }
        let begin = unsafeBitCast(try find("curl_global_init"), to: (@convention(c) (Int) -> CURLcode).self)
        guard begin(Int(CURL_GLOBAL_DEFAULT)) == CURLE_OK else { throw .noCurl("it cannot be initialised") }
        easyInit = unsafeBitCast(try find("curl_easy_init"), to: (@convention(c) () -> UnsafeMutableRawPointer?).self)
        easyReset = unsafeBitCast(
            try find("curl_easy_reset"),
            to: (@convention(c) (UnsafeMutableRawPointer) -> Void).self
        )
        easyCleanup = unsafeBitCast(
            try find("curl_easy_cleanup"),
            to: (@convention(c) (UnsafeMutableRawPointer) -> Void).self
        )
        easyPerform = unsafeBitCast(
            try find("curl_easy_perform"),
            to: (@convention(c) (UnsafeMutableRawPointer) -> CURLcode).self
        )
        easyError = unsafeBitCast(
            try find("curl_easy_strerror"),
            to: (@convention(c) (CURLcode) -> UnsafePointer<CChar>?).self
        )
        appendToList = unsafeBitCast(
            try find("curl_slist_append"),
            to: (@convention(c) (UnsafeMutableRawPointer?, UnsafePointer<CChar>) -> UnsafeMutableRawPointer?).self
        )
        freeList = unsafeBitCast(
            try find("curl_slist_free_all"),
            to: (@convention(c) (UnsafeMutableRawPointer?) -> Void).self
        )
        setOption = try find("curl_easy_setopt")
        getInformation = try find("curl_easy_getinfo")
    }

    func makeHandle() throws(BackupError) -> CurlHandle {
        guard let pointer = easyInit() else { throw .noCurl("it has no memory") }
        return CurlHandle(pointer: pointer)
    }

    func close(_ handle: CurlHandle) { easyCleanup(handle.pointer) }

    /// Forgets all options; connections are kept.
    func reset(_ handle: CurlHandle) { easyReset(handle.pointer) }

    func set(_ option: CURLoption, _ value: Int, on handle: CurlHandle) {
        _ = lastro_curl_set_long(setOption, handle.pointer, option, value)
    }

    func setSize(_ option: CURLoption, _ value: Int, on handle: CurlHandle) {
        _ = lastro_curl_set_size(setOption, handle.pointer, option, curl_off_t(value))
    }

    /// Sets a text, which is copied, or a pointer, which is not.
    func set(_ option: CURLoption, _ value: UnsafeRawPointer?, on handle: CurlHandle) {
        _ = lastro_curl_set_pointer(setOption, handle.pointer, option, value)
    }

    func setSink(_ option: CURLoption, _ sink: @escaping lastro_curl_sink, on handle: CurlHandle) {
        _ = lastro_curl_set_sink(setOption, handle.pointer, option, sink)
    }

    /// Makes a list of lines, lends it, and frees it.
    func withList<Value>(_ lines: [String], _ body: (UnsafeMutableRawPointer?) throws -> Value) rethrows -> Value {
        var list: UnsafeMutableRawPointer?
        for line in lines { list = appendToList(list, line) ?? list }
        defer { freeList(list) }
        return try body(list)
    }

    func perform(_ handle: CurlHandle) -> CURLcode { easyPerform(handle.pointer) }

    func status(of handle: CurlHandle) -> Int {
        var status = 0
        _ = lastro_curl_get_status(getInformation, handle.pointer, &status)
        return status
    }

    func words(for code: CURLcode) -> String {
        easyError(code).map { String(cString: $0) } ?? "error \(code.rawValue)"
    }
}

/// A handle of libcurl, which one thread uses at a time.
struct CurlHandle: @unchecked Sendable {  // lent to one caller at a time
    let pointer: UnsafeMutableRawPointer
}
