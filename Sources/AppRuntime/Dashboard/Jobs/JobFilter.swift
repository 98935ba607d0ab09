import Foundation

/// Which jobs a list shows.
struct JobFilter: Sendable, Hashable {
    /// The lists that can be chosen, in the order in which the page offers them.
    enum View: String, Sendable, CaseIterable {
        case all, running, waiting, scheduled, failed, completed, cancelled
    }

    var view = View.all
    /// Only jobs of this type.
    var type: String?
    /// An id, its beginning, a tag or a key.
    var search: String?

    init() {}

    /// Reads the query of a URL; what it has no name for counts as left out.
    init(_ fields: FormFields) {
        view = fields["state"].flatMap { View(rawValue: $0) } ?? .all
        type = fields["type"].flatMap { Self.storable($0, upTo: 100) }
        search = fields["q"].flatMap { Self.storable($0.trimmingCharacters(in: .whitespacesAndNewlines), upTo: 200) }
    }

    /// The query that asks for this, without the question mark.
    var query: String {
        var parts: [String] = []
        if view != .all { parts.append("state=\(view.rawValue)") }
        if let type { parts.append("type=\(type.encodedForQuery)") }
        if let search { parts.append("q=\(search.encodedForQuery)") }
        return parts.joined(separator: "&")
    }

    /// The same with another list.
    func showing(_ view: View) -> JobFilter {
        var filter = self
        filter.view = view
        return filter
    }

    private static func storable(_ text: String, upTo length: Int) -> String? {
        let text = String(text.unicodeScalars.filter { $0 != "\0" }.prefix(length).map(Character.init))
        return text.isEmpty ? nil : text
    }
}

extension String {
    /// The text as a value in the query of a URL.
    var encodedForQuery: String {
        let plain = Set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~".utf8)
        return utf8.map { plain.contains($0) ? String(UnicodeScalar($0)) : "%" + hexadecimal($0) }.joined()
    }
}

private func hexadecimal(_ byte: UInt8) -> String {
    let text = String(byte, radix: 16, uppercase: true)
    return byte < 16 ? "0" + text : text
}
