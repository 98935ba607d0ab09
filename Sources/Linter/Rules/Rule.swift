/// Something that migrations are asked.
public struct Rule: Sendable {
    /// SQL that shows what a rule means.
    public struct Example: Hashable, Sendable {
        /// What ran before; empty if nothing need be there.
        public let history: String
        /// The migration.
        public let sql: String
        /// What takes it back; empty if there is nothing.
        public let down: String
        /// What a server says against the migration; nil if it runs.
        public let refusal: String?

        init(_ sql: String, after history: String = "", down: String = "", refusal: String? = nil) {
            self.history = history
            self.sql = sql
            self.down = down
            self.refusal = refusal
        }
    }

    /// How a rule judges.
    enum Judge: Sendable {
        /// By the interpreter, where it looks up a name or applies a statement.
        case interpreter
        /// Statement by statement, before it is applied.
        case statement(Set<StatementKind>, @Sendable (StatementContext) -> Void)
        /// File by file, when all its statements are applied.
        case file(@Sendable (FileContext) -> Void)
    }

    /// Its name: stable from release to release.
    public let name: String
    /// What it is about.
    public let category: Category
    /// How bad its gravest finding is.
    public let severity: Severity
    /// Whether it is asked unless configured off; others are asked when configured on.
    public let isDefault: Bool
    /// What it catches, in a line.
    public let summary: String
    /// The versions of the server that it is about, and how they differ.
    public let versions: String
    /// What happens, and what to do instead.
    public let page: String
    /// What it reports.
    public let bad: Example
    /// What it leaves alone.
    public let good: Example
    let judge: Judge

    init(
        _ name: String,
        _ category: Category,
        _ severity: Severity,
        isDefault: Bool = true,
        _ summary: String,
        versions: String = "all",
        page: String,
        bad: Example,
        good: Example,
        judge: Judge = .interpreter
    ) {
        self.name = name
        self.category = category
        self.severity = severity
        self.isDefault = isDefault
        self.summary = summary
        self.versions = versions
        self.page = page
        self.bad = bad
        self.good = good
        self.judge = judge
    }

    /// The rule with a name; nil if there is none.
    public static func named(_ name: String) -> Rule? { byName[name] }

    private static let byName = Dictionary(uniqueKeysWithValues: all.map { ($0.name, $0) })
}
