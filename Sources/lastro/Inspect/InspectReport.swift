import Catalog
import SchemaDiff

/// A schema in the format that was asked for.
struct InspectReport {
    let text: String

    init(_ catalog: Catalog, format: OutputFormat) throws {
        text =
            switch format {
            case .json: CatalogFile.text(of: catalog)
            case .sql: try Self.sql(of: catalog)
            case .markdown: MarkdownDocument(of: catalog).text
            case .mermaid: EntityDiagram(of: catalog).mermaid
            case .dot: EntityDiagram(of: catalog).dot
            case .svg: EntityDiagram(of: catalog).svg
            case .text, .html, .github, .gitlab, .sarif, .junit: Self.summary(of: catalog)
            }
    }

    private static func sql(of catalog: Catalog) throws -> String {
        let plan = try SchemaDiff.plan(
            from: .bare(serverVersion: catalog.serverVersion),
            to: catalog,
            options: PlanOptions(isOnline: false)
        )
        return PlanScript(plan).sql
    }

    /// How many objects of each kind there are, schema by schema.
    private static func summary(of catalog: Catalog) -> String {
        var counts: [String: [CatalogKind: Int]] = [:]
        for object in catalog.objects where object.identity.kind != .schema {
            counts[object.identity.schema ?? "", default: [:]][object.identity.kind, default: 0] += 1
        }
        for schema in catalog.objects(of: .schema) where counts[schema.identity.name] == nil {
            counts[schema.identity.name] = [:]
        }
        let fingerprints = catalog.schemaFingerprints
        var lines = ["PostgreSQL \(catalog.serverVersion), fingerprint \(catalog.fingerprint)"]
        for (schema, kinds) in counts.sorted(by: { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }) {
            lines.append("")
            lines.append(
                schema.isEmpty
                    ? "outside of schemas"
                    : "schema \(schema)" + (fingerprints[schema].map { ", fingerprint \($0)" } ?? "")
            )
            let width = kinds.values.map { String($0).count }.max() ?? 0
            for (kind, count) in kinds.sorted(by: { $0.key < $1.key }) {
                let number = String(count)
                lines.append("  \(String(repeating: " ", count: width - number.count))\(number)  \(kind.rawValue)")
            }
        }
        return lines.joined(separator: "\n") + "\n"
    }
}
