import SQLSyntax

/// Compares what a guarded statement declares with what was there.
///
/// It asks nothing itself: what only the server can tell, it notes as a question and leaves open. It is run again with
/// the answers until there is nothing left to ask.
struct SkipJudge {
    /// One thing that is not as declared.
    struct Difference: Hashable, Sendable {
        /// What differs, in words.
        let words: String
        /// The statement to write instead; nil where there is no single one.
        let remedy: String?
    }

    let declaration: Declaration
    /// The relation that was there; nil for objects of other kinds.
    let found: RelationFacts?
    let oid: Int
    let answers: SkipAnswers
    private(set) var questions = SkipQuestions()
    private(set) var differences: [Difference] = []
    /// What is declared and was not compared, in words.
    private(set) var unjudged: [String] = []

    init(_ declaration: Declaration, oid: Int, answers: SkipAnswers) {
        self.declaration = declaration
        self.oid = oid
        self.answers = answers
        found = declaration.isAboutRelation ? answers.facts[oid] ?? nil : nil
    }

    mutating func judge() {
        if declaration.isAboutRelation, answers.facts[oid] == nil {
            questions.facts.insert(oid)
            return
        }
        switch (declaration.content, found) {
        case (.table(let table), let found?): judge(table, found)
        case (.query(let query), let found?): judge(query, found)
        case (.index(let index), let found?): judge(index, found)
        case (.sequence(let options), let found?): judge(sequence: options, found)
        case (.column(let column, _), let found?): judge(column, of: found, isKey: false, inheritsTypes: false)
        case (.statistics, _): judgeStatistics()
        case (.schema(let owner), _): judge(schemaOf: owner)
        case (.extension(let options), _): judge(extension: options)
        case (.enumValue(let value, let place), _): judge(value, place)
        case (.unjudged(let words), _): unjudged.append(words)
        default: break
        }
    }

    // MARK: notes

    mutating func differs(_ words: String, _ remedy: String? = nil) {
        differences.append(Difference(words: words, remedy: remedy))
    }

    mutating func cannotTell(_ words: String) {
        if !unjudged.contains(words) { unjudged.append(words) }
    }

    // MARK: questions

    /// An answer, or that it is open until the server was asked.
    enum Answer<Value> {
        case known(Value)
        case open
    }

    mutating func relation(_ name: QualifiedName) -> Answer<SkipAnswers.Relation?> {
        if let answer = answers.relations[name] { return .known(answer) }
        questions.relations.insert(name)
        return .open
    }

    mutating func type(_ type: TypeReference) -> Answer<SkipAnswers.DataType?> {
        if let answer = answers.types[type.sql] { return .known(answer) }
        questions.types.insert(type.sql)
        return .open
    }

    mutating func collation(_ name: QualifiedName) -> Answer<Set<Int>> {
        if let answer = answers.collations[name] { return .known(answer) }
        questions.collations.insert(name)
        return .open
    }

    mutating func facts(_ oid: Int) -> Answer<RelationFacts?> {
        if let answer = answers.facts[oid] { return .known(answer) }
        questions.facts.insert(oid)
        return .open
    }

    mutating func match(_ query: QueryKey) -> Answer<SkipAnswers.QueryMatch?> {
        if let answer = answers.queries[query] { return .known(answer) }
        questions.queries.insert(query)
        return .open
    }

    mutating func details(_ kind: DetailKey.Kind) -> Answer<[String]> {
        let key = DetailKey(kind: kind, oid: oid)
        if let answer = answers.details[key] { return .known(answer) }
        questions.details.insert(key)
        return .open
    }

    /// How two expressions compare.
    enum Likeness: Hashable {
        case same
        case different
        /// The server could not tell.
        case unknown
        /// It is open until the server was asked.
        case open
    }

    /// Whether an expression is the declared one.
    ///
    /// - Parameters:
    ///   - declared: the declared one, in the parser's spelling; empty if it was too large for it.
    ///   - existing: what the server prints of the other one.
    ///   - type: the type that both are cast to; nil for their own.
    ///   - relation: the relation whose columns they name.
    ///   - isTrusted: whether the server may plan the other one as this role.
    /// - Returns: how they compare.
    mutating func likeness(
        _ declared: String,
        _ existing: String,
        as type: String? = nil,
        over relation: Int,
        isTrusted: Bool
    ) -> Likeness {
        guard !declared.isEmpty else { return .unknown }
        if let spelled = existing.spelledByParser, spelled.sameMoment == declared.sameMoment { return .same }
        guard isTrusted else { return .unknown }
        let keys = [declared, existing].map { ExpressionKey(relation: relation, sql: $0, type: type) }
        let forms = keys.map { answers.expressions[$0] }
        for (key, form) in zip(keys, forms) where form == nil { questions.expressions.insert(key) }
        guard let left = forms[0], let right = forms[1] else { return .open }
        // What the server cannot even read over these columns is another expression.
        guard let left, let right else { return right == nil ? .unknown : .different }
        return left == right ? .same : .different
    }
}

extension Declaration {
    /// Whether what was there is a row of `pg_class`.
    var isAboutRelation: Bool {
        switch subject.subject {
        case .relation, .index, .column: true
        default: false
        }
    }
}

extension String {
    /// An expression as the parser spells it; nil if it cannot be read.
    var spelledByParser: String? {
        // What cannot be parsed is left to the server.
        guard let script = try? SQLScript("CREATE TABLE t (c int CHECK (\n\(self)\n))"),
            let statement = script.statements.first, script.statements.count == 1,
            case .createTable(let table)? = try? ParsedStatement(statement).node
        else { return nil }
        return table.columns.first?.constraints.first?.expression?.sql
    }

    /// The same for all ways to name the time at which the transaction began.
    fileprivate var sameMoment: String {
        let names = ["now()", "pg_catalog.now()", "transaction_timestamp()", "current_timestamp"]
        return names.contains(lowercased()) ? "now()" : self
    }
}
