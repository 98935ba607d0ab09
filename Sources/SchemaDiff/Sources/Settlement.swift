import Catalog
import Postgres

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

    /// A catalog with the wording of another one wherever both say the same.
    ///
    /// - Parameters:
    ///   - catalog: the one to reword.
    ///   - other: the one whose wording is taken.
    /// - Returns: the reworded catalog; the catalog itself where the definitions cannot be made on the scratch server.
    /// - Throws: `PostgresError` for a scratch server that cannot be reached.
    func rewording(_ catalog: Catalog, as other: Catalog) async throws -> Catalog {
        let sameMajor = catalog.serverVersion.major == other.serverVersion.major
        let differing = CatalogChanges(from: catalog, to: other).changes.filter {
            $0.mayBeWording(sameMajor: sameMajor)
        }
        guard !differing.isEmpty else { return catalog }
        let identities = differing.map(\.identity)
        let mine: Catalog
        let theirs: Catalog
        do {
            mine = try await settled(catalog.part(for: identities))
            theirs = try await settled(other.part(for: identities))
        } catch is SchemaDiffError {
            return catalog
        } catch let error as PostgresError where error.code == .server {
            return catalog
        }
        var reworded: [ObjectIdentity: CatalogObject] = [:]
        for change in differing {
            guard let before = change.before, let after = change.after, let left = mine[change.identity],
                let right = theirs[change.identity]
            else { continue }
            var attributes = before.attributes
            for name in change.attributes.map(\.name) where left.attributes[name] == right.attributes[name] {
                attributes[name] = after.attributes[name]
            }
            reworded[change.identity] = CatalogObject(
                change.identity,
                attributes: attributes,
                dependencies: before.dependencies
            )
        }
        return catalog.replacing(reworded)
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
    var isWorded: Bool {
        [
            "definition", "default", "generated", "using", "with_check", "check", "when", "condition", "partition_key",
            "partition_bound", "predicate", "expressions",
        ].contains(rawValue)
    }
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
    fileprivate func part(for identities: [ObjectIdentity]) -> Catalog {
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
        let unowned: Set<AttributeName> = [.owner, .grants, .comment, .securityLabels]
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
