import Catalog
import Migrator
import SQLSyntax

/// What somebody says about a name: `public.users=accounts`, `index:users_email=users_mail`.
struct RenameRequest {
    let text: String
    private let kind: CatalogKind?
    private var path: [String]
    private let signature: String?
    let newName: String
    /// The schema that is said with the new name, for what moves.
    let newSchema: String?

    /// Reads a request.
    ///
    /// - Throws: ``SchemaDiffError`` for a text that is none.
    init(_ text: String) throws {
        self.text = text
        guard let sign = Self.position(of: "=", in: text) else { throw SchemaDiffError.unreadableRename(text) }
        var old = String(text[..<sign])
        let prefix = CatalogKind.allCases.filter { $0.renameLevel != nil }.first { kind in
            old.hasPrefix(kind.rawValue + ":") || old.hasPrefix(kind.rawValue.replacing(" ", with: "-") + ":")
        }
        kind = prefix
        if let prefix { old.removeFirst(prefix.rawValue.count + 1) }
        if let parenthesis = Self.position(of: "(", in: old), old.hasSuffix(")") {
            signature = String(old[old.index(after: parenthesis)...].dropLast())
            old = String(old[..<parenthesis])
        } else {
            signature = nil
        }
        do {
            path = try Identifier.parse(old)
            let new = try Identifier.parse(String(text[text.index(after: sign)...]))
            newName = new.last ?? ""
            newSchema = new.count == 2 ? new[0] : nil
        } catch {
            throw SchemaDiffError.unreadableRename(text)
        }
    }

    private static func position(of character: Character, in text: String) -> String.Index? {
        var isQuoted = false
        return text.indices.first { index in
            if text[index] == "\"" { isQuoted.toggle() }
            return !isQuoted && text[index] == character
        }
    }

    /// The request by the name that another one gives to what the object belongs to; nil where that one is about something
    /// else.
    func following(_ other: RenameRequest) -> RenameRequest? {
        guard other.path.count < path.count, path.starts(with: other.path) else { return nil }
        var result = self
        result.path[other.path.count - 1] = other.newName
        if let schema = other.newSchema, other.path.count > 1 { result.path[other.path.count - 2] = schema }
        return result
    }

    /// What a request means in a catalog.
    struct Match: Hashable {
        let identity: ObjectIdentity
        /// The value of an enum or the attribute of a composite type.
        let part: String?
    }

    /// The objects that a request may mean; under its new name, those that it would lead to.
    func matches(in catalog: Catalog, underNewName isNew: Bool = false) -> [Match] {
        let path = isNew ? (newSchema.map { [$0] } ?? path.dropLast()) + [newName] : path
        var result: [Match] = []
        for object in catalog.objects {
            let identity = object.identity
            guard identity.kind.renameLevel != nil, kind == nil || kind == identity.kind else { continue }
            if identity.isCalled(path), signature == nil || signature?.plain == identity.signature?.plain {
                result.append(Match(identity: identity, part: nil))
            }
            guard path.count > 1, identity.isCalled(path.dropLast()), let part = path.last,
                object.partNames.contains(part)
            else { continue }
            result.append(Match(identity: identity, part: part))
        }
        return result
    }

    /// The names in a catalog that a request could be about, as it is written.
    static func names(in catalog: Catalog) -> [String] {
        catalog.objects.filter { $0.identity.kind.renameLevel != nil }.map(\.identity.path)
    }

    /// The name that looks most like the old one.
    func nearest(in catalog: Catalog) -> String? {
        Spelling.nearest(to: path.map(Identifier.quote).joined(separator: "."), among: Self.names(in: catalog))
    }

    /// A request for a rename that means nothing else in a catalog.
    static func text(for rename: ObjectRename, in catalog: Catalog) -> String {
        let new = rename.isMove ? rename.to.plainPath : Identifier.quote(rename.newName)
        let old = rename.part.map { rename.from.path + "." + Identifier.quote($0.from) } ?? rename.from.path
        let plain = "\(old)=\(new)"
        let isPlain = (try? RenameRequest(plain))?.matches(in: catalog).count == 1  // its own words can be read
        return isPlain ? plain : rename.from.kind.rawValue.replacing(" ", with: "-") + ":" + plain
    }
}

extension CatalogObject {
    /// The names of the values of an enum, or of the attributes of a composite type.
    var partNames: [String] {
        switch identity.kind {
        case .enumeration: list(.labels)
        case .compositeType: list(.attributes).map { NamedText($0).name }
        default: []
        }
    }
}

extension ObjectIdentity {
    /// The names, as a rename is asked for: `public.users.email`, `public.f(integer)`.
    var path: String {
        guard [.function, .procedure, .aggregate].contains(kind), let signature else { return plainPath }
        return plainPath + "(\(signature))"
    }

    /// The names without a signature.
    fileprivate var plainPath: String {
        [schema, parent, name].compactMap(\.self).map(Identifier.quote).joined(separator: ".")
    }

    /// Whether parts of a name are the last ones of this; an index is called by its schema too.
    fileprivate func isCalled(_ parts: some BidirectionalCollection<String>) -> Bool {
        let full = [schema, parent, name].compactMap(\.self)
        if full.suffix(parts.count).elementsEqual(parts) { return true }
        return kind == .index && [schema, name].compactMap(\.self).suffix(parts.count).elementsEqual(parts)
    }
}

extension String {
    /// Without blanks, so that `a, b` and `a,b` are one.
    fileprivate var plain: String { filter { !$0.isWhitespace } }
}
