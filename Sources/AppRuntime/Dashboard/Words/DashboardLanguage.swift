/// A language of the dashboard.
enum DashboardLanguage: String, CaseIterable, Sendable {
    case english = "en"
    case portuguese = "pt"

    /// The language as `lang` has it.
    var tag: String { self == .english ? "en" : "pt-BR" }

    /// Its own name.
    var name: String { self == .english ? "English" : "Português" }

    /// The language that was chosen, or the first one that a browser asks for and that is there; else English.
    ///
    /// - Parameters:
    ///   - chosen: the choice that is kept in a cookie.
    ///   - accepted: the header `Accept-Language` (RFC 9110, section 12.5.4).
    init(chosen: String?, accepted: String?) {
        if let chosen, let language = DashboardLanguage(rawValue: chosen) {
            self = language
            return
        }
        let wishes = (accepted ?? "").prefix(400).split(separator: ",").enumerated().map { place, part in
            let pieces = part.split(separator: ";").map { $0.filter { $0 != " " }.lowercased() }
            let quality = pieces.dropFirst().first { $0.hasPrefix("q=") }.flatMap { Double($0.dropFirst(2)) } ?? 1
            return (tag: pieces.first ?? "", quality: quality, place: place)
        }
        let known = wishes.filter { $0.quality > 0 }.sorted { ($1.quality, $0.place) < ($0.quality, $1.place) }
        self = known.lazy.compactMap { DashboardLanguage(rawValue: String($0.tag.prefix(2))) }.first ?? .english
    }
}
