import HTTPTypes

/// What browsers are told with every response, where a handler does not say otherwise.
struct SecurityHeaders: Sendable {
    private let fields: [(name: HTTPField.Name, value: String)]

    /// Makes the fields.
    ///
    /// - Parameter isBehindTLS: whether browsers reach the application through TLS alone.
    init(isBehindTLS: Bool) {
        var all = [
            (
                "content-security-policy",
                "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
                    + "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
            ),
            ("x-content-type-options", "nosniff"),
            ("x-frame-options", "DENY"),
            ("referrer-policy", "same-origin"),
            ("cross-origin-opener-policy", "same-origin"),
            ("cross-origin-resource-policy", "same-origin"),
            ("permissions-policy", "camera=(), geolocation=(), microphone=()"),
            ("cache-control", "no-store"),
        ]
        if isBehindTLS { all.append(("strict-transport-security", "max-age=31536000; includeSubDomains")) }
        fields = all.compactMap { name, value in HTTPField.Name(name).map { ($0, value) } }
    }

    func add(to headers: inout HTTPFields) {
        for field in fields where headers[field.name] == nil { headers[field.name] = field.value }
    }
}
