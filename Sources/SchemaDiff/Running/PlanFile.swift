import Catalog

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// A plan written down, to be looked at, allowed and carried out later on the very schema that it was made for.
public struct PlanFile: Hashable, Sendable, Codable {
    /// The version of the form.
    public static let format = 1

    /// One statement.
    struct Statement: Hashable, Sendable, Codable {
        let sql: String
        let hazards: [HazardText]
        let lock: TableLock?
        let transactional: Bool
    }

    /// One hazard of a statement.
    struct HazardText: Hashable, Sendable, Codable {
        let kind: Hazard.Kind
        let message: String
    }

    /// The statements for one object.
    struct Step: Hashable, Sendable, Codable {
        let kind: CatalogKind
        let object: String
        let statements: [Statement]
    }

    let format: Int
    /// The fingerprint of the schema that the plan starts from.
    public let from: String
    /// The fingerprint of the schema that it leads to.
    public let to: String
    /// Whether owners were looked at.
    let owners: Bool
    let steps: [Step]

    /// Writes a plan down.
    public init(_ comparison: SchemaComparison) {
        format = Self.format
        owners = comparison.from.objects.contains { $0.text(.owner) != nil }
        from = comparison.from.comparableFingerprint(withOwners: owners)
        to = comparison.to.comparableFingerprint(withOwners: owners)
        steps = comparison.plan.steps.map { step in
            Step(
                kind: step.identity.kind,
                object: step.identity.description,
                statements: step.statements.map { statement in
                    Statement(
                        sql: statement.sql,
                        hazards: statement.hazards.map { HazardText(kind: $0.kind, message: $0.message) },
                        lock: statement.lock,
                        transactional: statement.isTransactional
                    )
                }
            )
        }
    }

    /// Reads a plan.
    ///
    /// - Throws: ``SchemaDiffError`` for a file that is none, or of a later form.
    public init(readingFrom path: String) throws {
        let content = try SQLFiles.content(of: path)
        do {
            self = try JSONDecoder().decode(Self.self, from: Data(content))
        } catch {
            throw SchemaDiffError.unreadableSource(path, why: "it is no plan that this version of Lastro wrote")
        }
        guard format == Self.format else {
            throw SchemaDiffError.unreadableSource(
                path,
                why: "it is of form \(format), and this version knows \(Self.format)"
            )
        }
    }

    /// The file's text.
    public var text: String {
        get throws {
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.sortedKeys, .prettyPrinted, .withoutEscapingSlashes]
            return String(decoding: try encoder.encode(self), as: UTF8.self) + "\n"
        }
    }

    /// The plan.
    public var plan: SchemaPlan {
        SchemaPlan(
            steps: steps.map { step in
                SchemaPlan.Step(
                    identity: ObjectIdentity(step.kind, step.object),
                    statements: step.statements.map { statement in
                        PlanStatement(
                            statement.sql,
                            hazards: statement.hazards.map { Hazard($0.kind, $0.message) },
                            lock: statement.lock,
                            isTransactional: statement.transactional
                        )
                    }
                )
            }
        )
    }
}

extension Catalog {
    /// The fingerprint of what plans can change: not the order of columns.
    func comparableFingerprint(withOwners: Bool) -> String {
        Fingerprint(
            of: objects.map { object in
                var attributes = object.attributes
                attributes[.position] = nil
                if object.identity.kind == .column { attributes[.inherited] = nil }
                if !withOwners { attributes[.owner] = nil }
                return CatalogObject(object.identity, attributes: attributes)
            }
        ).description
    }
}
