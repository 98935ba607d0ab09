import Catalog
import Postgres

/// What is, behind renames, in the words of a server: what names a renamed object is made on a scratch server, and the
/// renames there.
struct ServerRenaming {
    let server: ScratchServer

    /// Kinds that only a superuser makes, or that reach out to other servers; their texts are few, and names alone.
    private static let unmade: Set<CatalogKind> = [
        .publication, .subscription, .userMapping, .eventTrigger, .foreignDataWrapper, .server, .foreignTable,
        .language,
        .accessMethod,
    ]

    /// Carries out renames on a catalog.
    ///
    /// - Parameter renaming: the renames.
    /// - Returns: the catalog behind them, and whether a server was asked for its texts; if what names the renamed objects
    ///   cannot be made there, names are replaced in the texts that there are.
    /// - Throws: `PostgresError` for a scratch server that cannot be reached.
    func catalog(of renaming: Renaming) async throws -> (catalog: Catalog, isAsked: Bool) {
        let parted = Set(renaming.taken.filter { $0.rename.part != nil }.map(\.rename.from))
        func isChanged(_ identity: ObjectIdentity) -> Bool {
            renaming.current(of: identity) != identity || parted.contains(identity)
        }
        let names = renaming.names(of: [.column]).keys
        let holders = Set(names.compactMap { renaming.from.parent(of: $0) })
        let schemas = Set(renaming.taken.filter(\.rename.isMove).compactMap(\.rename.to.schema))
        let buildable = renaming.from.objects.filter { object in
            !Self.unmade.contains(object.identity.kind) && !isForeign(object.identity, in: renaming.from)
                && (isChanged(object.identity) || holders.contains(object.identity)
                    || object.identity.kind == .schema && schemas.contains(object.identity.name)
                    || object.dependencies.contains(where: isChanged))
        }.map(\.identity)
        let before: Catalog
        let behind: Catalog
        do {
            (before, behind) = try await SchemaBuild(server: server).withDatabase(
                madeFrom: renaming.from.part(for: buildable)
            ) { connection, _ in
                let before = try await Catalog.read(on: connection)
                for step in renaming.steps where before[step.rename.from] != nil {
                    for statement in step.statements { _ = try await connection.script(statement.sql) }
                }
                return (before, try await Catalog.read(on: connection))
            }
        } catch is SchemaDiffError {
            return (renaming.catalog, false)
        } catch let error as PostgresError where error.code == .server {
            return (renaming.catalog, false)
        }
        var replaced: [ObjectIdentity: CatalogObject] = [:]
        for identity in buildable {
            let current = renaming.current(of: identity)
            guard let original = renaming.from[identity], let renamed = renaming.catalog[current],
                let old = before[identity], let new = behind[current]
            else { continue }
            var attributes = original.attributes
            // What the server prints otherwise than before is what the renames change; the rest may be another server's
            // way to print it.
            for name in Set(old.attributes.keys).union(new.attributes.keys)
            where old.attributes[name] != new.attributes[name] {
                attributes[name] = new.attributes[name]
            }
            replaced[current] = CatalogObject(current, attributes: attributes, dependencies: renamed.dependencies)
        }
        return (renaming.catalog.replacing(replaced), true)
    }

    private func isForeign(_ identity: ObjectIdentity, in catalog: Catalog) -> Bool {
        catalog.parent(of: identity)?.kind == .foreignTable
    }
}
