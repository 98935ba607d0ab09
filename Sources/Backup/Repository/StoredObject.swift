/// A chunk in a store: the header and the payload of an age file.
///
/// Each is a file of its own, so that recipients can change without touching payloads. One behind the other they are the
/// age file.
struct StoredObject: Hashable, Codable, Sendable {
    /// A file of the store, and what it has to be.
    struct File: Hashable, Codable, Sendable {
        var name: String
        var size: Int
        var sha256: String
    }

    var header: File
    var payload: File
    /// The day, counted from 1970 on, on which its bytes were last written, or read and found right.
    var checked: Int?

    /// What the object is known by: a code of its content that only who has the deduplication key can make.
    var contentCode: String {
        let name = payload.name.split(separator: "/").last ?? ""
        return String(name.prefix { $0 != "-" })
    }

    var size: Int { header.size + payload.size }

    var files: [File] { [header, payload] }
}
