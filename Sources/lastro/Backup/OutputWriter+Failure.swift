extension OutputWriter {
    /// Does something without which the command has done its work all the same; if it fails, that is said.
    func noteFailure(_ words: String, _ body: () async throws -> Void) async {
        do {
            try await body()
        } catch {
            note("\(words): \(error)")
        }
    }
}
