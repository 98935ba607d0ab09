import Catalog
import Migrator
import SchemaDiff
import SourceText

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// How a live database differs from what it should be, explained, with the statements of both repairs.
struct DriftReport: Report {
    let changes: [Change]
    /// The hazards of taking the database back.
    let hazards: [String]
    let notModelled: [String]
    /// What differs as text and may mean the same, for it could not be made on a scratch server.
    let notCompared: [DiffReport.Doubt]
    let reordered: [String]
    /// What may be one object under two names.
    let proposedRenames: [ProposedRename]
    let adopting: Adoption
    /// Why no statements take the database back; nil if there are some.
    let refusal: String?
    let cached: Bool
    let hasHistory: Bool
    /// The script that takes the database back.
    let takingBack: String
    /// The body of the migration that adopts what is live.
    let adoption: String

    /// One object that differs.
    struct Change: Encodable {
        let difference: DiffReport.Change
        let lastDefined: Definition?

        func encode(to encoder: any Encoder) throws {
            try difference.encode(to: encoder)
            var container = encoder.container(keyedBy: CodingKeys.self)
            try container.encode(lastDefined, forKey: .lastDefined)
        }

        private enum CodingKeys: CodingKey {
            case lastDefined
        }
    }

    /// The statement that last named an object.
    struct Definition: Encodable {
        let migration: String
        let file: String
        let line: Int?
        let column: Int?
        let outcome: String?
        let appliedAt: Date?
        let appliedBy: String?

        func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: CodingKeys.self)
            try container.encode(migration, forKey: .migration)
            try container.encode(file, forKey: .file)
            try container.encode(line, forKey: .line)
            try container.encode(column, forKey: .column)
            try container.encode(outcome, forKey: .outcome)
            try container.encode(appliedAt, forKey: .appliedAt)
            try container.encode(appliedBy, forKey: .appliedBy)
        }

        private enum CodingKeys: CodingKey {
            case migration, file, line, column, outcome, appliedAt, appliedBy
        }
    }

    /// Something surplus that may be what is missing under another name.
    struct ProposedRename: Encodable {
        let kind: String
        let object: String
        let to: String
        let takingBack: [String]
        let adopting: [String]
        let words: String

        init(_ proposal: Drift.ProposedRename) {
            kind = proposal.rename.from.kind.rawValue
            object = proposal.rename.from.names
            to = proposal.rename.newName
            takingBack = proposal.takingBack
            adopting = proposal.adopting
            words = proposal.words
        }

        private enum CodingKeys: CodingKey {
            case kind, object, to, takingBack, adopting
        }
    }

    /// What adopts what is live.
    struct Adoption: Encodable {
        let statements: [DiffReport.Statement]
        let hazards: [String]
        let refusal: String?

        func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: CodingKeys.self)
            try container.encode(statements, forKey: .statements)
            try container.encode(hazards, forKey: .hazards)
            try container.encode(refusal, forKey: .refusal)
        }

        private enum CodingKeys: CodingKey {
            case statements, hazards, refusal
        }
    }

    init(_ drift: Drift, limits: PlanScript.Limits) {
        let steps = drift.takingBack.plan?.steps ?? []
        let statements = Dictionary(steps.map { ($0.identity, $0.statements) }, uniquingKeysWith: +)
        let differing = drift.changes.map { change in
            Change(
                difference: DiffReport.Change(
                    change,
                    statements: DiffReport.described(statements[change.identity] ?? [])
                ),
                lastDefined: drift.definitions[change.identity].map(Definition.init)
            )
        }
        let changed = Set(drift.changes.map(\.identity))
        let involved = Set(statements.keys).subtracting(changed).sorted().map { identity in
            Change(
                difference: DiffReport.Change(
                    kind: identity.kind.rawValue,
                    object: identity.names,
                    change: "rebuild",
                    attributes: [],
                    statements: DiffReport.described(statements[identity] ?? [])
                ),
                lastDefined: nil
            )
        }
        changes = differing + involved
        hazards = (drift.takingBack.plan?.hazards ?? []).map(\.rawValue).sorted()
        refusal = drift.takingBack.refusal?.message
        notModelled = drift.notModelled
        notCompared = drift.notCompared.map(DiffReport.Doubt.init)
        reordered = drift.reordered.map(\.names)
        proposedRenames = drift.proposedRenames.map(ProposedRename.init)
        cached = drift.isCached
        hasHistory = drift.hasHistory
        adopting = Adoption(
            statements: DiffReport.described(drift.adopting.plan?.steps.flatMap(\.statements) ?? []),
            hazards: (drift.adopting.plan?.hazards ?? []).map(\.rawValue).sorted(),
            refusal: drift.adopting.refusal?.message
        )
        takingBack = drift.takingBack.plan.map { PlanScript($0, limits: limits).sql } ?? ""
        adoption = drift.adopting.plan.map { PlanScript($0, limits: limits).migration } ?? ""
    }

    func text(in format: OutputFormat) -> String? {
        switch format {
        case .markdown: DriftMarkdown(self).text
        case .html: DriftPage(self).html
        case .github: DriftAnnotations(self).github
        case .junit: DriftAnnotations(self).junit
        default: nil
        }
    }

    /// The objects that differ themselves.
    var differing: [Change] { changes.filter { $0.difference.change != "rebuild" } }

    private enum CodingKeys: CodingKey {
        case changes, hazards, notModelled, notCompared, reordered, proposedRenames, adopting, refusal, cached
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(changes, forKey: .changes)
        try container.encode(hazards, forKey: .hazards)
        try container.encode(notModelled, forKey: .notModelled)
        try container.encode(notCompared, forKey: .notCompared)
        try container.encode(reordered, forKey: .reordered)
        try container.encode(proposedRenames, forKey: .proposedRenames)
        try container.encode(adopting, forKey: .adopting)
        try container.encode(refusal, forKey: .refusal)
        try container.encode(cached, forKey: .cached)
    }
}

extension DriftReport.Definition {
    init(_ statement: DefiningStatement) {
        migration = statement.migration
        file = statement.location.file
        line = statement.location.position?.line
        column = statement.location.position?.column
        outcome = statement.entry.outcome?.rawValue
        appliedAt = statement.entry.appliedAt
        appliedBy = statement.entry.appliedBy
    }
}
