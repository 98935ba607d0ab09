/// A phrase of the dashboard in all its languages, so that none can be left out.
struct DashboardPhrase: Sendable, Hashable {
    let english: String
    let portuguese: String

    init(_ english: String, _ portuguese: String) {
        self.english = english
        self.portuguese = portuguese
    }

    subscript(language: DashboardLanguage) -> String {
        switch language {
        case .english: english
        case .portuguese: portuguese
        }
    }
}

/// What the dashboard says.
enum DashboardWords {
    private static let english = phrases.mapValues { $0[.english] }
    private static let portuguese = phrases.mapValues { $0[.portuguese] }

    /// All phrases of one language, for templates.
    static func texts(in language: DashboardLanguage) -> [String: String] {
        switch language {
        case .english: english
        case .portuguese: portuguese
        }
    }
}

extension DashboardLanguage {
    /// A phrase, with what stands in it in place of `{}`, one after the other.
    ///
    /// - Parameters:
    ///   - key: the phrase.
    ///   - values: what stands in it.
    /// - Returns: the text; the key for a phrase that is not there.
    func callAsFunction(_ key: String, _ values: String...) -> String {
        guard let phrase = DashboardWords.phrases[key] else { return key }
        return JobReason.sentence(phrase[self], values)
    }

    /// The word for a state, or the state itself.
    func state(_ state: String) -> String {
        DashboardWords.phrases["state-\(state)"]?[self] ?? state
    }
}
