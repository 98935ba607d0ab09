/// What of a snapshot can be known without a key: which files it is made of, and what these have to be.
///
/// It is signed, and written last: a snapshot without it does not exist.
struct SnapshotIndex: Hashable, Codable, Sendable {
    static let formatNumber = 1

    var format = Self.formatNumber
    /// `20260114T030000Z-1f2e3d4c`: when the snapshot was taken, and four random bytes.
    var id: SnapshotID
    /// When the snapshot was taken, as ISO 8601.
    var time: String
    var database: String
    /// The identifier of the server's cluster; nil where it could not be told.
    var system: String?
    /// How many whole seconds it took from the snapshot to this index; nil where it is not known.
    var seconds: Int?
    /// Which index of the snapshot it is, from 2 on; nil for the first.
    var generation: Int?
    /// The size of the content.
    var bytes: Int
    /// The size of what this snapshot added to the repository.
    var addedBytes: Int
    /// What tells sets of recipients apart, without naming them.
    var recipients: String
    /// What tells deduplication keys apart.
    var deduplicationKey: String
    var manifest: StoredObject.File
    var objects: [StoredObject]

    /// The size of all files that belong to the snapshot, also of those that others share.
    var storedBytes: Int { objects.reduce(manifest.size) { $0 + $1.size } }

    /// The files that belong to it, with what they have to be.
    var files: [StoredObject.File] { [manifest] + objects.flatMap(\.files) }
}

/// The name of a snapshot.
struct SnapshotID: Hashable, Comparable, Codable, Sendable, CustomStringConvertible {
    let description: String

    /// Reads a name; nil if it is none.
    init?(_ text: String) {
        let parts = text.split(separator: "-", omittingEmptySubsequences: false)
        guard parts.count == 2, parts[0].utf8.count == 16, parts[1].utf8.count == 8,
            text.utf8.allSatisfy({ byte in "0123456789abcdefTZ-".utf8.contains(byte) })
        else { return nil }
        description = text
    }

    /// Makes a name for a snapshot taken at a time.
    ///
    /// Names are in the order in which snapshots were taken, also when the clock was set back: then a name is a second
    /// behind the one before it.
    init(time: String, after previous: SnapshotID? = nil) throws {
        var digits = Timestamp.digits(time)
        if let previous, digits <= previous.timeDigits { digits = Self.second(after: previous.timeDigits) ?? digits }
        description = "\(digits)-\(hexadecimal(try randomBytes(4)))"
    }

    private var timeDigits: String { String(description.prefix(16)) }

    private static func second(after digits: String) -> String? {
        // 20260114T030000Z
        let digits = Array(digits)
        let text =
            "\(String(digits[0..<4]))-\(String(digits[4..<6]))-\(String(digits[6..<11]))"
            + ":\(String(digits[11..<13])):\(String(digits[13...]))"
        return Timestamp.seconds(text).map { Timestamp.digits(Timestamp.text($0 + 1)) }
    }

    init(from decoder: any Decoder) throws {
        let text = try decoder.singleValueContainer().decode(String.self)
        guard let id = SnapshotID(text) else {
            throw BackupError.malformedIndex("\"\(text.prefix(40))\" is no snapshot")
        }
        self = id
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }

    static func < (left: Self, right: Self) -> Bool { left.description < right.description }

    var folder: String { "snapshots/\(description)" }
    var indexName: String { indexName(generation: 1) }
    var manifestName: String { manifestName(generation: 1) }

    /// The name of an index: the first one's bears no number.
    func indexName(generation: Int) -> String {
        folder + (generation == 1 ? "/index.json" : "/index-\(generation).json")
    }

    /// The name of the manifest that belongs to an index.
    func manifestName(generation: Int) -> String {
        folder + (generation == 1 ? "/manifest.age" : "/manifest-\(generation).age")
    }

    /// The snapshot and the number of the index that a file's name stands for; nil if it is no index's.
    static func index(named name: String) -> (id: SnapshotID, generation: Int)? {
        let parts = name.split(separator: "/")
        guard parts.count == 3, parts[0] == "snapshots", let id = SnapshotID(String(parts[1])) else { return nil }
        if parts[2] == "index.json" { return (id, 1) }
        guard parts[2].hasPrefix("index-"), parts[2].hasSuffix(".json"),
            let generation = Int(parts[2].dropFirst(6).dropLast(5)), generation > 1,
            id.indexName(generation: generation) == name
        else { return nil }
        return (id, generation)
    }
}
