extension BackupError {
    private static let unchanged = "the repository is as it was"
    private static let invisible =
        "the snapshots that were there are as they were; what was written of a new one is not visible"

    static func noCurl(_ why: String) -> Self {
        Self(
            .noProgram,
            "object storage needs libcurl: \(why)",
            state: unchanged,
            next: "install it: on Debian, the package libcurl4"
        )
    }

    static func malformedLocation(_ text: String) -> Self {
        Self(
            .unusableOption,
            "\(text) is no place in an object store",
            state: unchanged,
            next: "write s3://BUCKET/PREFIX, or the path of a folder"
        )
    }

    static func malformedEndpoint() -> Self {
        Self(
            .unusableOption,
            "the endpoint is no address of a server",
            state: unchanged,
            next: "write https://HOST or https://HOST:PORT, without a path and without credentials"
        )
    }

    static func unreachableStore(_ place: String, _ words: String, tries: Int) -> Self {
        Self(
            .store,
            "\(place) cannot be reached: \(words)" + (tries > 1 ? " (tried \(tries) times)" : ""),
            state: invisible,
            next: "see to it that the server of --endpoint can be reached, and do it again"
        )
    }

    static func nameTaken(_ place: String) -> Self {
        Self(
            .store,
            "there is something under the name \(place) already",
            state: "it is as it was: nothing is ever overwritten",
            next: "do it again; if it happens again, see who else writes there"
        )
    }

    /// What a store says when it refuses something: its own code and words, which hold no secret.
    static func refusedByStore(_ place: String, _ outcome: S3Client.Outcome, isWriting: Bool) -> Self {
        let answer = S3Answer(outcome.response.body)
        let words = [outcome.code, answer.value("Message")].compactMap(\.self).joined(separator: ": ")
        let advice: String
        switch (outcome.code, outcome.response.status) {
        case ("NoSuchBucket", _): advice = "make the bucket first, or name another"
        case ("RequestTimeTooSkewed", _): advice = "set this machine's clock"
        case ("AuthorizationHeaderMalformed", _), ("PermanentRedirect", _), (_, 301):
            advice = "name the bucket's region with --region" + (answer.value("Region").map { ": \($0)" } ?? "")
        case (_, 401), (_, 403): advice = "see whether the key may do that, and whether it is the right one"
        default: advice = "do it again, or see what the store's own log says"
        }
        return Self(
            .store,
            "\(place) cannot be \(isWriting ? "written" : "read"): the store answers \(outcome.response.status)"
                + (words.isEmpty ? "" : " (\(words))"),
            state: isWriting ? invisible : unchanged,
            next: advice
        )
    }
}
