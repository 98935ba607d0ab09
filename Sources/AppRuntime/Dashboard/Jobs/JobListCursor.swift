import Foundation

/// Where a page of jobs ended, and the next one begins.
///
/// A list is a chain of parts, each in the order of an index: what runs, what waits, what is not due, what has ended. So no page
/// of it reads more rows than it shows, however many there are.
struct JobListCursor: Sendable, Hashable, Codable {
    /// A part of a list.
    enum Part: String, Sendable, Codable, CaseIterable {
        case running, waiting, scheduled, ended
    }

    var part: Part
    /// The time by which the part is ordered, as the server writes it; nil for the part's beginning.
    var time: String?
    /// The priority before that, where it counts.
    var priority: Int?
    var id: String?

    /// The cursor as it stands in a URL.
    var text: String {
        // Texts and numbers can always be encoded.
        let data = (try? JSONEncoder().encode(self)) ?? Data()
        return data.base64EncodedString().replacing("+", with: "-").replacing("/", with: "_").replacing("=", with: "")
    }

    init(part: Part, time: String? = nil, priority: Int? = nil, id: String? = nil) {
        self.part = part
        self.time = time
        self.priority = priority
        self.id = id
    }

    /// Reads a cursor; nil for what is none.
    init?(_ text: String) {
        guard text.utf8.count < 600 else { return nil }
        var base = text.replacing("-", with: "+").replacing("_", with: "/")
        while base.utf8.count % 4 != 0 { base += "=" }
        guard let data = Data(base64Encoded: base),
            let cursor = try? JSONDecoder().decode(JobListCursor.self, from: data)
        else { return nil }
        let isTime = cursor.time.map { $0.wholeMatch(of: /[0-9]{4}-[0-9-]{5} [0-9:.]{8,16}[+-][0-9:]{2,8}/) != nil }
        let isID = cursor.id.map { UUID(uuidString: $0) != nil }
        guard isTime != false, isID != false else { return nil }
        self = cursor
    }
}
