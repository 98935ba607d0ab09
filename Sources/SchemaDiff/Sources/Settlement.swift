public import Catalog
import Postgres

/// An object whose definitions differ as text, and may mean the same for all that is known.
public struct NotCompared: Hashable, Sendable {
    /// The object.
    public let object: ObjectIdentity
    /// Why its definitions could not be held against each other.
    public let reason: String
}

/// Finds definitions that say the same in other words.
///
/// What the server prints of an expression is no fixed point: loaded again it may print another text, and another version
/// prints it in its own way. Where two definitions differ as text, both are made on one scratch server, printed and made
/// again until the text stays as it is; those texts are compared.
struct Settlement {
    let server: ScratchServer

    /// Whether two catalogs differ in texts that may mean the same.
    static func isNeeded(_ left: Catalog, _ right: Catalog) -> Bool {
        let sameMajor = left.serverVersion.major == right.serverVersion.major
        return CatalogChanges(from: left, to: right).changes.contains { $0.mayBeWording(sameMajor: sameMajor) }
    }

    /// A catalog in another one's words, and what could not be held against each other.
    struct Outcome {
        /// The catalog with the wording of the other one wherever both say the same.
        let catalog: Catalog
        /// The objects whose definitions differ as text and cannot be made on the scratch server, and why.
        let notCompared: [NotCompared]
    }

    /// A catalog with the wording of another one wherever both say the same.
    ///
    /// - Parameters:
    ///   - catalog: the one to reword.
    ///   - other: the one whose wording is taken.
    /// - Returns: the reworded catalog.
    /// - Throws: `PostgresError` for a scratch server that cannot be reached.
    func rewording(_ catalog: Catalog, as other: Catalog) async throws -> Catalog {
        try await reworded(catalog, as: other).catalog
    }

    /// As ``rewording(_:as:)``, with what is left as it is because it cannot be made on the scratch server.
    ///
    /// - Parameters:
    ///   - catalog: the one to reword.
    ///   - other: the one whose wording is taken.
    /// - Returns: the reworded catalog, and what was not compared.
    /// - Throws: `PostgresError` for a scratch server that cannot be reached.
    func reworded(_ catalog: Catalog, as other: Catalog) async throws -> Outcome {
        let sameMajor = catalog.serverVersion.major == other.serverVersion.major
        let differing = CatalogChanges(from: catalog, to: other).changes.filter {
            $0.mayBeWording(sameMajor: sameMajor)
        }
        guard !differing.isEmpty else { return Outcome(catalog: catalog, notCompared: []) }
        var reworded: [ObjectIdentity: CatalogObject] = [:]
        var notCompared: [NotCompared] = []
        if let reason = try await take(differing, from: catalog, other, into: &reworded) {
            guard differing.count > 1 else {
                let change = NotCompared(object: differing[0].identity, reason: reason)
                return Outcome(catalog: catalog, notCompared: [change])
            }
            // One that cannot be made keeps no other from being compared.
            for change in differing {
                if let reason = try await take([change], from: catalog, other, into: &reworded) {
                    notCompared.append(NotCompared(object: change.identity, reason: reason))
                }
            }
        }
        return Outcome(catalog: catalog.replacing(reworded), notCompared: notCompared)
    }

    /// Rewords some of the objects; returns why that cannot be done, if it cannot.
    private func take(
        _ differing: [ObjectChange],
        from catalog: Catalog,
        _ other: Catalog,
        into reworded: inout [ObjectIdentity: CatalogObject]
    ) async throws -> String? {
        let identities = differing.map(\.identity)
        let mine: Catalog
        let theirs: Catalog
        do {
            mine = try await settled(catalog.part(for: identities))
            theirs = try await settled(other.part(for: identities))
        } catch let error as SchemaDiffError {
            return error.message
        } catch let error as PostgresError where error.code == .server {
            return error.message
        }
        for change in differing {
            guard let before = change.before, let after = change.after, let left = mine[change.identity],
                let right = theirs[change.identity]
            else { continue }
            var attributes = before.attributes
            // Nothing else was made there: privileges, say, are no question of words.
            for name in change.attributes.map(\.name)
            where name.isWorded && left.attributes[name] == right.attributes[name] {
                attributes[name] = after.attributes[name]
            }
            reworded[change.identity] = CatalogObject(
                change.identity,
                attributes: attributes,
                dependencies: before.dependencies
            )
        }
        return nil
    }

    /// A catalog in the words that stay as they are when it is made again.
    private func settled(_ catalog: Catalog) async throws -> Catalog {
        var current = catalog
        for _ in 0..<4 {
            let made = try await SchemaBuild(server: server).catalog(madeFrom: current)
            let isStable = current.objects.allSatisfy { object in
                made[object.identity].map { made in
                    object.attributes.allSatisfy { !$0.key.isWorded || made.attributes[$0.key] == $0.value }
                } ?? true
            }
            if isStable { return made }
            current = current.replacing(
                Dictionary(
                    uniqueKeysWithValues: current.objects.compactMap { object in
                        made[object.identity].map { (object.identity, object.worded(as: $0)) }
                    }
                )
            )
        }
        return current
    }
}

extension ObjectChange {
    /// Whether an object that is on both sides differs in a text that may mean the same.
    ///
    /// - Parameter sameMajor: whether servers of one major version printed both.
    /// - Returns: false where the texts alone say that they differ in meaning.
    fileprivate func mayBeWording(sameMajor: Bool) -> Bool {
        guard before != nil, after != nil else { return false }
        return attributes.contains { attribute in
            guard attribute.name.isWorded, let from = attribute.from, let to = attribute.to else { return false }
            guard case (.text(let from), .text(let to)) = (from, to) else { return true }
            return PrintedExpression(from).mayMean(PrintedExpression(to), sameMajor: sameMajor)
        }
    }
}

extension AttributeName {
    /// Whether it holds what the server prints of an expression.
    var isWorded: Bool { Self.worded.contains(self) }

    private static let worded = Set(
        [
            "definition", "default", "generated", "using", "with_check", "check", "when", "condition", "partition_key",
            "partition_bound", "predicate", "expressions",
        ].map { AttributeName(rawValue: $0) }
    )
}

extension CatalogObject {
    fileprivate func worded(as other: CatalogObject) -> CatalogObject {
        var attributes = attributes
        for (name, value) in other.attributes where name.isWorded { attributes[name] = value }
        return CatalogObject(identity, attributes: attributes, dependencies: dependencies)
    }
}

extension Catalog {
    /// The objects of the given identities with all that they need, and nothing of who owns them.
    func part(for identities: [ObjectIdentity]) -> Catalog {
        var needed: Set<ObjectIdentity> = []
        var waiting = identities
        while let identity = waiting.popLast() {
            guard let object = self[identity], needed.insert(identity).inserted else { continue }
            waiting += object.dependencies
            if let parent = parent(of: identity) { waiting.append(parent) }
            if let schema = identity.schema { waiting.append(ObjectIdentity(.schema, schema)) }
            for kind in [CatalogKind.column, .viewColumn] {
                waiting += children(of: identity, kind: kind).map(\.identity)
            }
        }
        let unowned: Set<AttributeName> = [
            .owner, .grants, .identityGrants, .grantOrder, .comment, .securityLabels,
        ]
        return Catalog(
            serverVersion: serverVersion,
            objects: objects.filter { needed.contains($0.identity) }.map { object in
                CatalogObject(
                    object.identity,
                    attributes: object.attributes.filter { !unowned.contains($0.key) },
                    dependencies: object.dependencies
                )
            }
        )
    }
}
