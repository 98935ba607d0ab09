/// What a run does where IF NOT EXISTS finds an object that is not what its statement declares.
public enum SkipRule: String, CaseIterable, Hashable, Sendable {
    /// The migration fails, and is rolled back.
    case verify
    /// It is told and put on record, and the run goes on.
    case warn
    /// Nothing is compared.
    case ignore
}
