import SQLSyntax

/// What fails or doubles when a file runs a second time.
extension Rule {
    static let rerunRules = [
        missingExistenceGuard, indexUnnamed, constraintUnnamed, typeWithoutGuard, triggerNotOrReplace,
    ]

    /// When the rules about running again are asked.
    static let again = """
        Lastro runs a file once, and takes all of it back when it fails, so this is asked only where a file may run again: in a repeatable \
        migration, in one that says `-- lastro: idempotent`, and with `--all-rules`, which judges for an unknown runner.
        """

    static let missingExistenceGuard = Rule(
        "missing-existence-guard",
        .existence,
        .note,
        "A creation or drop without IF [NOT] EXISTS in a file that may run again",
        page: """
            The second run fails: what is made is there, or what is dropped is not. Inside BEGIN and COMMIT the first run is taken back as a \
            whole, so nothing is asked there, unless more changes follow behind the COMMIT: when one of them fails, the file runs again from \
            its beginning. The same is true of a statement that is alone in its file, but for a drop where nobody knows the runner: its \
            guard hides nothing, and a run may have ended before it was recorded. With `--all-rules` an ALTER TABLE without any guard is \
            reported, too, if no migration makes its table. A file that says it may run again is run a second time in the head behind itself, \
            so that what fails only then is found as well, such as an ALTER TABLE before the DROP of its table. \(again)
            """,
        bad: Example("-- lastro: idempotent\nCREATE TABLE jobs (id int);"),
        good: Example("-- lastro: idempotent\nCREATE TABLE IF NOT EXISTS jobs (id int);"),
        judge: .statement([
            .createTable, .createTableAs, .createIndex, .alterTable, .drop, .createSequence, .createView, .rename,
            .createRoutine, .createSchema, .createExtension, .alterEnum, .createRule, .other,
        ]) { context in
            guard context.mayRunAgain, !context.isSafelyAlone || context.isLoneDrop,
                !context.interpreter.isGuardedInBlock
            else { return }
            if context.runner != .lastro, context.transaction.isOpen, !context.isCommittedEarly, !context.isLoneDrop {
                return
            }
            switch context.node {
            case .createTable(let create)
            where !create.ifNotExists && !context.isDroppedBefore(create.table.name)
                && !(create.persistence == .temporary && context.parsed.syntax?.option("oncommit") == "ONCOMMIT_DROP"):
                context.report(
                    "a second run fails: \(create.table.name) is there then",
                    at: create.table.location,
                    next: "write IF NOT EXISTS",
                    fix: .guarded(.ifNotExists)
                )
            case .createTableAs(let create)
            where !create.ifNotExists && create.persistence != .temporary
                && !context.isDroppedBefore(create.relation.name):
                context.report(
                    "a second run fails: \(create.relation.name) is there then",
                    at: create.relation.location,
                    next: "write IF NOT EXISTS",
                    fix: .guarded(.ifNotExists)
                )
            case .createIndex(let create) where !create.ifNotExists && create.name != nil:
                let name = QualifiedName(schema: create.table.name.schema, name: create.name ?? "")
                if context.isDroppedBefore(name) { return }
                context.report(
                    "a second run fails: index \(create.name ?? "") is there then",
                    next: "write IF NOT EXISTS",
                    fix: .guarded(.ifNotExists)
                )
            case .createSequence(let relation, ifNotExists: false, _):
                context.report(
                    "a second run fails: \(relation.name) is there then",
                    at: relation.location,
                    next: "write IF NOT EXISTS",
                    fix: .guarded(.ifNotExists)
                )
            case .createView(let create) where !create.orReplace && !context.isDroppedBefore(create.view.name):
                context.report(
                    "a second run fails: \(create.view.name) is there then",
                    at: create.view.location,
                    next: "write OR REPLACE",
                    fix: .guarded(.orReplace)
                )
            case .createRoutine(let create) where !create.orReplace && !context.isDroppedBefore(create.name):
                context.report(
                    "a second run fails: \(create.name) is there then",
                    next: "write OR REPLACE",
                    fix: .guarded(.orReplace)
                )
            case .createSchema(let name?, ifNotExists: false, _):
                context.report(
                    "a second run fails: schema \(name) is there then",
                    next: "write IF NOT EXISTS",
                    fix: .guarded(.ifNotExists)
                )
            case .createExtension(let name, ifNotExists: false, _)
            where !context.isDroppedBefore(QualifiedName(name: name)):
                context.report(
                    "a second run fails: extension \(name) is there then",
                    next: "write IF NOT EXISTS",
                    fix: .guarded(.ifNotExists)
                )
            case .alterEnum(let alter):
                guard case .add(let label, ifNotExists: false, _) = alter.change else { return }
                context.report(
                    "a second run fails: \(alter.type) has the label \(StringLiteral.quote(label)) then",
                    next: "write ADD VALUE IF NOT EXISTS",
                    fix: .guarded(.addValue)
                )
            case .createRule(let name, _)
            where context.parsed.syntax?.isSet("replace") != true && !context.isPartDroppedBefore(name, .rule):
                context.report(
                    "a second run fails: rule \(name) is there then",
                    next: "write OR REPLACE",
                    fix: .guarded(.orReplace)
                )
            case .other("CreateStatsStmt"):
                guard let syntax = context.parsed.syntax, !syntax.isSet("if_not_exists") else { return }
                let name = syntax.name(in: "defnames")
                guard !name.name.isEmpty, !context.isPartDroppedBefore(name.name, .statistics) else { return }
                context.report(
                    "a second run fails: statistics object \(name) is there then",
                    next: "write IF NOT EXISTS",
                    fix: .guarded(.ifNotExists)
                )
            case .other, .subscription:
                guard let creation = ObjectCreation(context.node, context.parsed.syntax), !creation.ifNotExists,
                    !context.isPartDroppedBefore(creation.name.name, creation.kind),
                    ![.operator, .cast, .operatorClass, .operatorFamily].contains(creation.kind)
                        || context.interpreter.memory.droppedByKind[creation.kind] == nil
                else { return }
                context.report(
                    "a second run fails: \(SimulatedObject.Key(kind: creation.kind, name: creation.name).words) is there then",
                    next: "drop it first, or guard it in a DO block",
                    fix: creation.condition == "duplicate_object" && creation.kind != .subscription
                        ? .guarded(.block) : nil
                )
            case .drop(let drop) where !drop.ifExists && drop.kind != .operator:
                context.report(
                    "a second run fails: what is dropped is gone then",
                    next: "write IF EXISTS",
                    fix: .guarded(.ifExists)
                )
            case .rename(let rename) where !rename.ifExists:
                context.report("a second run fails: \(rename.object.name) has its new name then")
            case .alterTable(let alter):
                if context.isWithoutAnyGuard(alter) {
                    context.report(
                        "this fails where \(alter.relation.name) is not there: no migration makes it",
                        at: alter.relation.location,
                        next: "write ALTER TABLE IF EXISTS"
                    )
                }
                for action in alter.actions where !action.isTolerant {
                    switch action.kind {
                    case .addColumn:
                        if context.hasDropped(action.name ?? "", .dropColumn, alter) { continue }
                        context.report(
                            "a second run fails: column \(action.name ?? "") is there then",
                            at: action.column?.location,
                            next: "write ADD COLUMN IF NOT EXISTS",
                            fix: .guarded(.addColumn(location: action.column?.location))
                        )
                    case .dropColumn, .dropConstraint:
                        context.report(
                            "a second run fails: \(action.name ?? "") is gone then",
                            next: "write IF EXISTS",
                            fix: .guarded(.dropPart(action.name ?? ""))
                        )
                    case .addConstraint where action.constraint?.name != nil:
                        if context.hasDropped(action.name ?? "", .dropConstraint, alter) { continue }
                        context.report(
                            "a second run fails: constraint \(action.name ?? "") is there then",
                            at: action.constraint?.location,
                            next: "put DROP CONSTRAINT IF EXISTS before it",
                            fix: .guarded(.dropConstraintBefore(action.constraint?.name ?? ""))
                        )
                    default: continue
                    }
                }
            default: return
            }
        }
    )

    static let indexUnnamed = Rule(
        "index-unnamed",
        .existence,
        .warning,
        "CREATE INDEX without a name in a file that may run again",
        page: "The server chooses a name that is free, so each run makes one more index on the same columns. \(again)",
        bad: Example("-- lastro: idempotent\nCREATE INDEX ON jobs (id);", after: "CREATE TABLE jobs (id int);"),
        good: Example(
            "-- lastro: idempotent\nCREATE INDEX IF NOT EXISTS jobs_id_idx ON jobs (id);",
            after: "CREATE TABLE jobs (id int);"
        ),
        judge: .statement([.createIndex]) { context in
            guard case .createIndex(let create) = context.node, create.name == nil, context.mayRunAgain else { return }
            context.report(
                "each run makes one more index on \(create.table.name), since the server chooses a name that is free",
                next: "give it a name and IF NOT EXISTS"
            )
        }
    )

    static let constraintUnnamed = Rule(
        "constraint-unnamed",
        .existence,
        .warning,
        "ADD CHECK, FOREIGN KEY or UNIQUE without a name in a file that may run again",
        page: "The server chooses a name that is free, so each run adds the constraint once more. \(again)",
        bad: Example(
            "-- lastro: idempotent\nALTER TABLE jobs ADD CHECK (id > 0);",
            after: "CREATE TABLE jobs (id int);"
        ),
        good: Example(
            """
            -- lastro: idempotent
            ALTER TABLE jobs DROP CONSTRAINT IF EXISTS positive;
            ALTER TABLE jobs ADD CONSTRAINT positive CHECK (id > 0);
            """,
            after: "CREATE TABLE jobs (id int);"
        ),
        judge: .statement([.alterTable]) { context in
            guard case .alterTable(let alter) = context.node, context.mayRunAgain else { return }
            for action in alter.actions where action.kind == .addConstraint {
                guard let constraint = action.constraint, constraint.name == nil, constraint.kind != .primaryKey else {
                    continue
                }
                context.report(
                    "each run adds the \(constraint.words(column: nil)) to \(alter.relation.name) once more, under a new name",
                    at: constraint.location,
                    next: "give it a name, and drop it first if it is there"
                )
            }
        }
    )

    static let typeWithoutGuard = Rule(
        "type-without-guard",
        .existence,
        .note,
        "CREATE TYPE or DOMAIN in a file that may run again",
        page: "There is no IF NOT EXISTS for types: look for the type, with its schema, in a DO block. \(again)",
        bad: Example("-- lastro: idempotent\nCREATE TYPE state AS ENUM ('a');"),
        good: Example(
            "-- lastro: idempotent\nDO $$ BEGIN CREATE TYPE state AS ENUM ('a'); EXCEPTION WHEN duplicate_object THEN NULL; END $$;"
        ),
        judge: .statement([.createType, .createDomain]) { context in
            guard context.mayRunAgain, !context.isInBlock else { return }
            context.report(
                "a second run fails: the type is there then",
                next: "guard it in a DO block",
                fix: .guarded(.block)
            )
        }
    )

    static let triggerNotOrReplace = Rule(
        "trigger-not-or-replace",
        .existence,
        .note,
        "CREATE TRIGGER without OR REPLACE in a file that may run again",
        versions: "all; OR REPLACE from 14 on",
        page:
            "From version 14 on there is CREATE OR REPLACE TRIGGER, but not for constraint triggers; before, drop it first. \(again)",
        bad: Example(
            """
            -- lastro: idempotent
            CREATE TRIGGER stamp BEFORE UPDATE ON jobs FOR EACH ROW EXECUTE FUNCTION suppress_redundant_updates_trigger();
            """,
            after: "CREATE TABLE jobs (id int);"
        ),
        good: Example(
            """
            -- lastro: idempotent
            CREATE OR REPLACE TRIGGER stamp BEFORE UPDATE ON jobs FOR EACH ROW EXECUTE FUNCTION suppress_redundant_updates_trigger();
            """,
            after: "CREATE TABLE jobs (id int);"
        ),
        judge: .statement([.createTrigger]) { context in
            guard case .createTrigger(let create) = context.node, !create.orReplace, context.mayRunAgain else { return }
            guard !context.isPartDroppedBefore(create.name, .trigger) else { return }
            context.report(
                "a second run fails: trigger \(create.name) is there then",
                next: context.serverMajor >= 14
                    ? "write CREATE OR REPLACE TRIGGER" : "put DROP TRIGGER IF EXISTS before it",
                fix: .guarded(
                    context.serverMajor >= 14 && !context.parsed.statement.begins(with: "CREATE", "CONSTRAINT")
                        ? .orReplace
                        : .dropBefore("DROP TRIGGER IF EXISTS \(Identifier.quote(create.name)) ON \(create.table.name)")
                )
            )
        }
    )
}

extension StatementContext {
    /// Whether the file may run a second time.
    var mayRunAgain: Bool {
        source.directives.isIdempotent || source.text.isRepeatable || runner == .unknown || runner == .wrapping
    }

    /// Whether the statement is the only one of its file, and so done as a whole or not at all.
    var isSafelyAlone: Bool {
        runner != .lastro && source.statements.count == 1 && node.transactionBehavior == .transactional
    }

    /// Whether it is a drop that nobody knows to be run and recorded as a whole: also a runner that puts a transaction around
    /// each file may record it in another one.
    var isLoneDrop: Bool {
        guard case .drop = node, isStrict, source.statements.count == 1 else { return false }
        return runner != .lastro && !transaction.isExplicit
    }

    /// Whether an ALTER TABLE is about a table that nobody makes, and nothing in it is guarded.
    ///
    /// What adds or drops by name is asked for a guard of its own.
    func isWithoutAnyGuard(_ alter: AlterTable) -> Bool {
        guard isStrict, runner == .unknown, !alter.ifExists, relation(alter.relation.name) == nil else { return false }
        let named: Set<AlterTableAction.Kind> = [.addColumn, .dropColumn, .addConstraint, .dropConstraint]
        return alter.actions.allSatisfy { !$0.isTolerant && !named.contains($0.kind) }
    }

    /// Whether the file goes on changing things behind the end of the transaction that the statement is in.
    var isCommittedEarly: Bool { interpreter.memory.ends(of: source).changesBehindCommit(after: index) }

    /// Whether what is read stands inside a block.
    var isInBlock: Bool { interpreter.offsetShift != nil }

    /// Whether an earlier statement of the file drops the relation.
    func isDroppedBefore(_ name: QualifiedName) -> Bool { interpreter.memory.dropped.contains(name.name) }

    /// Whether an earlier statement of the file drops a trigger or policy.
    func isPartDroppedBefore(_ name: String, _ kind: ObjectKind) -> Bool {
        interpreter.memory.droppedByKind[kind]?.contains(name) ?? false
    }

    /// Whether what the file last did with a column or constraint is to drop it, if it was there.
    func hasDropped(_ name: String, _ kind: AlterTableAction.Kind, _ alter: AlterTable) -> Bool {
        let here = alter.actions.last { $0.kind == kind && $0.name == name }.map(FileMemory.Action.init)
        let last = here ?? interpreter.memory.actions[alter.relation.name]?[name]
        return last.map { $0.kind == kind && $0.isTolerant } ?? false
    }

    /// Whether the file sets a sequence.
    var setsSequence: Bool { interpreter.memory.setsSequence(source) }
}
