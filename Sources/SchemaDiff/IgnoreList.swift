public import Catalog
import SourceText

/// What a comparison leaves out: objects by kind, name, owner or comment, privileges by who has them, whole attributes.
///
/// A list is written as `table:legacy_*, owner:monitoring, grantee:report_*, comment:*(generated)*, attribute:owner`. A name
/// without a dot is the object's own, or that of what it belongs to; with one it begins with the schema. `*` stands for any
/// characters, `?` for one.
public struct IgnoreList: Hashable, Sendable {
    private enum Pattern: Hashable, Sendable {
        case name(CatalogKind?, String)
        case owner(String)
        case grantee(String)
        case comment(String)
        case attribute(String)
    }

    private let patterns: [Pattern]

    /// A list of nothing.
    public static let none = IgnoreList(patterns: [])

    private init(patterns: [Pattern]) {
        self.patterns = patterns
    }

    /// Reads a list, its patterns separated by commas or line ends; nil if one of them is none.
    public init?(_ text: String) {
        var patterns: [Pattern] = []
        for item in text.split(whereSeparator: { $0 == "," || $0.isNewline }) {
            let parts = item.split(separator: ":", maxSplits: 1).map { $0.trimmed }
            guard parts.count == 2, !parts[0].isEmpty, !parts[1].isEmpty else {
                if item.trimmed.isEmpty { continue }
                return nil
            }
            switch parts[0] {
            case "name": patterns.append(.name(nil, parts[1]))
            case "owner": patterns.append(.owner(parts[1]))
            case "grantee": patterns.append(.grantee(parts[1]))
            case "comment": patterns.append(.comment(parts[1]))
            case "attribute": patterns.append(.attribute(parts[1]))
            default:
                guard let kind = CatalogKind(rawValue: parts[0]) else { return nil }
                patterns.append(.name(kind, parts[1]))
            }
        }
        self.patterns = patterns
    }

    /// A catalog without what is ignored, nor what belongs to that.
    public func applied(to catalog: Catalog) -> Catalog {
        guard !patterns.isEmpty else { return catalog }
        let ignored = Set(catalog.objects.filter(ignores).map(\.identity))
        let kept = catalog.objects.filter { object in
            !ignored.contains(object.identity)
                && !(catalog.parent(of: object.identity).map(ignored.contains) ?? false)
        }
        return Catalog(
            serverVersion: catalog.serverVersion,
            objects: kept.map(reduced),
            notModelled: catalog.notModelled
        )
    }

    private func ignores(_ object: CatalogObject) -> Bool {
        patterns.contains { pattern in
            switch pattern {
            case .name(let kind, let glob):
                (kind == nil || kind == object.identity.kind) && object.identity.isCalled(glob)
            case .owner(let glob): object.text(.owner)?.matches(glob) ?? false
            case .comment(let glob): object.text(.comment)?.matches(glob) ?? false
            case .grantee, .attribute: false
            }
        }
    }

    private func reduced(_ object: CatalogObject) -> CatalogObject {
        var attributes = object.attributes
        for pattern in patterns {
            switch pattern {
            case .attribute(let glob):
                attributes = attributes.filter { !$0.key.rawValue.matches(glob) }
            case .grantee(let glob):
                for name in [AttributeName.grants, .identityGrants] {
                    let grants = object.list(name).filter { !$0.grantee.matches(glob) }
                    attributes[name] = grants.isEmpty ? nil : .list(grants)
                }
            case .name, .owner, .comment: break
            }
        }
        return CatalogObject(object.identity, attributes: attributes, dependencies: object.dependencies)
    }
}

extension ObjectIdentity {
    fileprivate func isCalled(_ glob: String) -> Bool {
        if glob.contains(".") {
            return [schema, parent, name].compactMap(\.self).joined(separator: ".").matches(glob)
                || (parent == nil ? false : [schema, parent].compactMap(\.self).joined(separator: ".").matches(glob))
        }
        return name.matches(glob)
    }
}

extension String {
    /// Who an access control item is for: what stands before its `=`; `public` for everybody.
    fileprivate var grantee: String {
        let name = prefix { $0 != "=" }
        return name.isEmpty ? "public" : String(name.filter { $0 != "\"" })
    }
}

extension Substring {
    fileprivate var trimmed: String {
        String(drop(while: \.isWhitespace).reversed().drop(while: \.isWhitespace).reversed())
    }
}
