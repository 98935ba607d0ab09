import SQLSyntax
import SourceText

/// Runs the history in the head, statement by statement, and asks the rules.
///
/// Used by one task from its making to its report.
final class Interpreter {
    private(set) var sources: [LintSource]
    let options: LintOptions
    /// What may be there before the statement at hand.
    var schema = SimulatedSchema()
    var transaction = TransactionState()
    /// Where the interpreter is.
    private(set) var sourceIndex = 0
    var statementIndex = 0
    private(set) var isJudging = false
    /// Whether what is read makes what is there before the history.
    private(set) var isStarting = false
    /// The offset in the file of the text that is being read: that of a function's body or of a DO block is moved.
    var offsetShift: Int?
    /// Whether what is read may not run at all, such as a branch of a DO block.
    var isConditional = false
    /// Whether what is read is passed over where the object that it makes is there already, and so proves nothing.
    var isTentative = false
    /// The table that the statement at hand makes: what it says of itself needs nothing from before.
    var tableInMaking: QualifiedName?
    /// Whether a statement that ran has proved what it relied on.
    var isProving: Bool { !isConditional && !isTentative }
    /// Whether what is read is looked at only when it runs, as a body in PL/pgSQL is.
    var isLateBound = false
    /// Whether the statement of a block that is judged stands behind a guard of its own.
    var isGuardedInBlock = false
    /// Whether the place of what is read is not known more closely than its statement.
    var isPlaceless = false

    private let statementRules: [StatementKind: [(rule: Rule, judge: @Sendable (StatementContext) -> Void)]]
    private let fileRules: [(rule: Rule, judge: @Sendable (FileContext) -> Void)]
    let asked: Set<String>
    var currentRule: Rule?
    /// The relations that the file at hand makes or gives constraints.
    var touched: Set<QualifiedName> = []
    /// The functions and types that go with the session.
    var temporary: Set<QualifiedName> = []
    /// Rules that report once a file.
    var reportedOnce: Set<String> = []
    /// What the file at hand has done before the statement at hand.
    var memory = FileMemory()
    var findings: [LintFinding] = []
    /// What could be mended of what was found.
    var plannedFixes: [PlannedFix] = []
    var seen: Set<LintFinding> = []
    var usedAllowances: Set<Int> = []
    /// The rules that comments for other linters keep quiet in the file at hand, by the comment.
    var ignoredForOthers: [Int: Set<String>] = [:]
    /// The allowances of the configuration that cover the file at hand, those that it needed, and those that were needed
    /// anywhere.
    var coveringAllowances: [Int] = []
    var allowancesUsedHere: Set<Int> = []
    var usedConfiguredAllowances: Set<Int> = []
    var counts = Counts()
    /// What judged files do, where that is asked for; and what the file at hand has done so far.
    var works: [FileWork] = []
    var deeds: [String] = []
    var strongestLocks: [QualifiedName: LockLevel] = [:]
    private(set) var transactionCount = 0
    /// Whether CREATE FUNCTION looks at bodies.
    var bodyCheck = BodyCheck()
    /// Whether a file is run that has been run just before.
    var isRunningAgain = false
    /// The statements of the file at hand of which a second run need not say that they fail.
    var toldOfFirstRun: Set<Int> = []
    /// The savepoints that may be gone back to, each with a mark of the schema; nil for the transaction's begin.
    var savepoints: [String?] = []

    /// The setting `check_function_bodies`.
    struct BodyCheck {
        var isOn = true
        var isLocal = false
    }

    /// What is counted over the files that are judged.
    struct Counts {
        var files = 0
        var statements = 0
        var allowed = 0
        var baseline = 0
    }

    init(sources: [LintSource], options: LintOptions) {
        self.sources = sources
        self.options = options
        var byKind: [StatementKind: [(rule: Rule, judge: @Sendable (StatementContext) -> Void)]] = [:]
        var byFile: [(rule: Rule, judge: @Sendable (FileContext) -> Void)] = []
        var asked: Set<String> = []
        for rule in options.rules where options.asks(rule) {
            asked.insert(rule.name)
            switch rule.judge {
            case .interpreter: continue
            case .statement(let kinds, let judge): for kind in kinds { byKind[kind, default: []].append((rule, judge)) }
            case .file(let judge): byFile.append((rule, judge))
            }
        }
        statementRules = byKind
        fileRules = byFile
        self.asked = asked
    }

    var source: LintSource { _read { yield sources[sourceIndex] } }
    var serverMajor: Int { options.serverMajor }

    /// Where the statement at hand stands in the history.
    var origin: Origin {
        let offset =
            source.statements.indices.contains(statementIndex)
            ? source.statements[statementIndex].range.lowerBound : 0
        return Origin(file: sourceIndex, statement: statementIndex, offset: offset, transaction: transaction.number)
    }

    // MARK: Running

    /// Puts a file into its place in the history, read.
    func place(_ source: LintSource, at index: Int) { sources[index] = source }

    /// Lets go of the syntax of a file that has been run; what messages say of it is kept.
    func release(_ index: Int) { sources[index].release() }

    /// Takes over what was found in a file before.
    func add(_ found: [LintFinding], _ effect: FileEffect) {
        findings += found
        works += effect.works
        counts.files += 1
        counts.statements += effect.statementCount
        counts.allowed += effect.allowedCount
        counts.baseline += effect.baselineCount
        usedConfiguredAllowances.formUnion(effect.usedAllowances)
    }

    /// Goes on behind a file whose statements are not run again.
    func resume(_ schema: consuming SimulatedSchema, behind effect: FileEffect) {
        self.schema = schema
        self.schema.opening = effect.opening
        self.schema.shaking = effect.shaking
        self.schema.cascading = effect.cascading
        transactionCount = effect.transactionCount
    }

    /// Runs a file.
    ///
    /// - Parameters:
    ///   - index: the file, by its place in the history.
    ///   - isStart: whether it makes what is there before the history.
    ///   - isJudged: whether rules are asked.
    ///   - down: the file that takes it back, by its place among the sources.
    func run(_ index: Int, isStart: Bool = false, isJudged: Bool, down: Int? = nil) {
        sourceIndex = index
        statementIndex = 0
        isJudging = isJudged
        isStarting = isStart
        usedAllowances = []
        ignoredForOthers = [:]
        allowancesUsedHere = []
        coveringAllowances = options.allowances.indices.filter { options.allowances[$0].covers(sources[index].text) }
        touched = []
        reportedOnce = []
        memory = FileMemory()
        toldOfFirstRun = []
        if isJudged { counts.files += 1 }
        let source = source
        if let failure = source.failure {
            if schema.opening == nil { schema.opening = origin }
            report(.unreadableFile, failure.message, next: failure.next, position: failure.position)
            if isJudged { reportAllowances() }
            return
        }
        if down != nil { schema.mark() }
        beginFile()
        for (place, statement) in source.statements.enumerated() {
            statementIndex = place
            if isJudged { counts.statements += 1 }
            beginStatement()
            if isJudged, options.tellsWork { tell(statement) }
            if let node = statement.node {
                if isJudged { judge(node, statement) }
                noteLocks(of: node)
                apply(node, statement.parsed)
            } else {
                applyUnread(statement.parsed)
            }
            memory.note(statement)
        }
        endTransaction()
        runAgain(source)
        if isStart {
            schema.knowsStart = true
            schema.gone = [:]
        }
        if isJudged {
            if options.tellsWork { works.append(takeWork()) }
            let context = FileContext(interpreter: self, source: source, sourceIndex: index)
            for (rule, judge) in fileRules {
                currentRule = rule
                judge(context)
            }
            reportAllowances()
        }
        schema.searchPath = ["public"]
        bodyCheck = BodyCheck()
        for key in touched where key.schema == "pg_temp" { schema.relations[key] = nil }
        for key in temporary {
            schema.routines[key] = nil
            schema.types[key] = nil
        }
        temporary = []
        if let down {
            judge(down: down, of: index)
            schema.forgetMark()
        }
    }

    /// Runs what takes a file back, and looks whether it does.
    private func judge(down: Int, of index: Int) {
        schema.mark()
        run(down, isJudged: false)
        let differences = schema.differencesFromMark()
        schema.rollBack()
        sourceIndex = down
        statementIndex = 0
        isJudging = true
        if let first = differences.first {
            let more = differences.count > 1 ? " and \(differences.count - 1) more" : ""
            report(
                .downIncomplete,
                "does not take back what \(sources[index].text.name) does: \(first)\(more)",
                next: "take it back here, or say in the file why it stays"
            )
        }
        sourceIndex = index
    }

    func judge(_ node: StatementNode, _ statement: LintSource.Statement) {
        guard let rules = statementRules[statement.kind] else { return }
        let context = StatementContext(
            interpreter: self,
            source: source,
            sourceIndex: sourceIndex,
            index: statementIndex,
            node: node,
            parsed: statement.parsed
        )
        for (rule, judge) in rules {
            currentRule = rule
            judge(context)
        }
    }

    // MARK: Transactions

    func beginFile() {
        transaction = TransactionState(number: nextTransaction())
        switch options.runner {
        case .lastro: transaction.isImplicit = !source.runsInSteps
        case .wrapping: transaction.isImplicit = source.directives.isWrapped ?? true
        case .unknown: transaction.isImplicit = source.directives.isWrapped ?? false
        }
        if options.runner == .lastro {
            let limits = source.directives.limits
            let limit = TransactionState.TimeoutSetting(milliseconds: nil, isLocal: false, statement: 0)
            if limits.contains("lock-timeout") { transaction.lockTimeout = limit }
            if limits.contains("statement-timeout") { transaction.statementTimeout = limit }
        }
        schema.freshLabels = [:]
    }

    /// Whether the statement shares a transaction with others, or may: where nobody knows the runner, a file that says
    /// nothing of transactions may be one.
    var mayShareTransaction: Bool {
        transaction.isOpen || options.runner == .unknown && !source.runsInSteps && !source.hasTransactionControl
    }

    func beginStatement() {
        guard !mayShareTransaction else { return }
        transaction.number = nextTransaction()
        transaction.locks = HeldLocks()
        schema.freshLabels = [:]
    }

    private func nextTransaction() -> Int {
        transactionCount += 1
        return transactionCount
    }

    /// Notes that a transaction begins.
    func openTransaction() {
        if savepoints.isEmpty { mark(savepoint: nil) }
        transaction.isExplicit = true
        if !transaction.isImplicit {
            transaction.number = nextTransaction()
            transaction.locks = HeldLocks()
            schema.freshLabels = [:]
        }
    }

    /// Notes that the transaction ends.
    func endTransaction() {
        forgetSavepoints()
        if bodyCheck.isLocal { bodyCheck = BodyCheck() }
        transaction.isExplicit = false
        // Lastro leaves out a BEGIN and COMMIT around the whole file; a COMMIT in a wrapped file ends the wrapping.
        transaction.isImplicit = false
        transaction.number = nextTransaction()
        transaction.locks = HeldLocks()
        if transaction.lockTimeout?.isLocal == true { transaction.lockTimeout = nil }
        if transaction.statementTimeout?.isLocal == true { transaction.statementTimeout = nil }
        if transaction.idleTimeout?.isLocal == true { transaction.idleTimeout = nil }
        schema.freshLabels = [:]
    }

    private func noteLocks(of node: StatementNode) {
        for (name, lock) in node.locks {
            let key = schema.key(of: name)
            // What the transaction itself has made, nobody else waits for.
            if let relation = schema.relations[key], !relation.isAssumed, relation.origin.file == sourceIndex {
                continue
            }
            transaction.locks.note(lock, on: schema.lockedTable(of: key), by: statementIndex)
        }
    }
}
