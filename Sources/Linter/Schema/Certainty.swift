/// How much is known of a fact.
///
/// `sure` is what every run of the history leads to; `maybe` is what only some lead to; `unknown` is what a statement that
/// cannot be read may have touched.
enum Certainty: Int, Comparable, Sendable {
    case unknown
    case maybe
    case sure

    static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }
}

/// Where in the history something was made, skipped or dropped.
struct Origin: Hashable, Sendable {
    /// The file, by its place in the history.
    let file: Int
    /// The statement, by its place in the file.
    let statement: Int
    /// The byte of the file where the statement begins.
    let offset: Int
    /// The transaction that it ran in, counted over the whole history.
    let transaction: Int
}
