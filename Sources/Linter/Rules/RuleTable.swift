extension Rule {
    /// All rules, by what they are about.
    public static let all: [Rule] =
        creationRules + referenceRules + replacementRules + removalRules + rerunRules + rerunChangeRules + blockRules
        + indexRules
        + columnRules + constraintRules + tableLockRules + partitionRules + lossRules + renameRules + changeRules
        + transactionRules + timeoutRules + typeRules + keyRules + nameRules + securityRules + fileRules
}
