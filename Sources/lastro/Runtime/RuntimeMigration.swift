/// A migration that makes what `AppRuntime` needs, for the folder of another application.
///
/// The tables are those of the study platform after all of its migrations, which a test compares.
struct RuntimeMigration {
    /// What the file is called behind its version; a folder that has one gets no second one.
    let title: String
    /// What it does.
    let statements: String

    /// All of them, in the order in which they run.
    static let all = [jobs, operations]
}
