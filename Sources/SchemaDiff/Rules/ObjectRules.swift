/// The rules of every kind that is no table, no view and no part of one.
enum ObjectRules {
    static let all: [any KindRule] = [
        SchemaRule(), ExtensionRule(), LanguageRule(), AccessMethodRule(), CollationRule(), ConversionRule(),
        TypeRule(),
        EnumRule(), CompositeTypeRule(), DomainRule(), DomainConstraintRule(), FunctionRule(), AggregateRule(),
        OperatorRule(), OperatorFamilyRule(), OperatorClassRule(), CastRule(), TransformRule(), TextSearchRule(),
        ForeignDataRule(), UserMappingRule(), EventTriggerRule(), PublicationRule(), SubscriptionRule(),
        DefaultPrivilegesRule(),
    ]
}
