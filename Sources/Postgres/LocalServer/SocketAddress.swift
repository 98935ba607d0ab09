import SystemPackage

/// A libpq URL for a server whose socket lies in a folder.
///
/// The port stands in it, since `PGPORT` in the caller's environment would change it otherwise.
func socketAddress(folder: FilePath, database: String, user: String) -> String {
    let database = percentEncoded(database)
    let host = percentEncoded(folder.string, alsoAllowed: "/")
    return "postgresql://\(percentEncoded(user))@/\(database)?host=\(host)&port=\(LocalServer.port)"
}

/// A text with everything percent-encoded that is not an unreserved character of RFC 3986, section 2.3.
private func percentEncoded(_ text: String, alsoAllowed: String = "") -> String {
    let allowed = Set(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~".utf8 + Array(alsoAllowed.utf8)
    )
    return text.utf8.reduce(into: "") { result, byte in
        if allowed.contains(byte) {
            result.unicodeScalars.append(UnicodeScalar(byte))
        } else {
            let digits = String(byte, radix: 16, uppercase: true)
            result += byte < 16 ? "%0\(digits)" : "%\(digits)"
        }
    }
}
