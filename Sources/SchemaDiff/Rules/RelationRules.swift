/// The rules of tables, views and what belongs to them.
enum RelationRules {
    static let all: [any KindRule] = [
        TableRule(), ColumnRule(), ViewRule(), MaterializedViewRule(), ViewColumnRule(), ConstraintRule(), IndexRule(),
        StatisticsRule(), RewriteRuleRule(), TriggerRule(), PolicyRule(), SequenceRule(),
    ]
}
