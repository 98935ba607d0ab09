import Catalog
import SQLSyntax
import SourceText

/// What a comment in SQL says about the former name of what stands below it: `-- lastro: renamed-from users`.
struct RenameAnnotation: Hashable, Sendable {
    let oldName: String
    /// The schema that the old name is said with.
    private let oldSchema: String?
    /// The object whose statement it is, as the statement calls it.
    private let object: NamedObject
    private let schema: String?
    /// The column, constraint, value or attribute that the comment stands above; nil for the object itself.
    private let part: Part?

    private struct Part: Hashable {
        let name: String
        let isConstraint: Bool
    }

    /// The name of today.
    var newName: String { part?.name ?? object.name }

    private static let words = "lastro: renamed-from"

    /// Reads the annotations of a script.
    ///
    /// - Throws: ``SchemaDiffError`` for one that says no name, or stands above nothing.
    static func all(in script: SQLScript) throws -> [RenameAnnotation] {
        guard String(decoding: script.utf8, as: UTF8.self).contains(words) else { return [] }
        let tree = try SyntaxTree(script)
        var result: [RenameAnnotation] = []
        for parsed in tree.statements {
            let statement = parsed.statement
            let range = statement.leadingComments.lowerBound..<statement.range.upperBound
            for comment in script.comments(in: range) where comment.isLineComment && comment.text.hasPrefix(words) {
                result.append(try annotation(comment, of: parsed, in: script))
            }
        }
        for comment in script.comments(in: script.trailer) where comment.text.hasPrefix(words) {
            throw failure(comment, in: script, "nothing stands below the comment that has the old name of something")
        }
        return result
    }

    private static func annotation(_ comment: Comment, of parsed: ParsedStatement, in script: SQLScript) throws
        -> RenameAnnotation
    {
        let text = comment.text.dropFirst(words.count)
        guard text.first == " ", let names = try? Identifier.parse(String(text)), let old = names.last else {
            // said in the error's words
            throw failure(comment, in: script, "the comment says no name")
        }
        guard let name = StatementNames(parsed).names.first else {
            throw failure(comment, in: script, "the statement below the comment makes nothing that has a name")
        }
        var part: Part?
        if comment.range.lowerBound >= parsed.statement.range.lowerBound {
            let rest = script.text(in: comment.range.upperBound..<parsed.statement.range.upperBound)
            part = Self.part(at: rest[...])
            if part == nil { throw failure(comment, in: script, "no name stands behind the comment") }
        }
        return RenameAnnotation(
            oldName: Identifier.truncate(old),
            oldSchema: names.count == 2 ? Identifier.truncate(names[0]) : nil,
            object: name.object,
            schema: name.schema,
            part: part
        )
    }

    private static func failure(_ comment: Comment, in script: SQLScript, _ why: String) -> SchemaDiffError {
        let position = script.position(ofByte: comment.range.lowerBound)
        return .unusableAnnotation(SourceLocation(file: script.file ?? "", position: position), why: why)
    }

    /// The name that a text begins with, behind blanks and comments.
    private static func part(at text: Substring) -> Part? {
        var rest = text.drop(while: \.isWhitespace)
        while rest.hasPrefix("--") { rest = rest.drop { !$0.isNewline }.drop(while: \.isWhitespace) }
        guard let (name, behind) = name(at: rest) else { return nil }
        guard name.lowercased() == "constraint", rest.first != "\"",
            let (constraint, _) = Self.name(at: behind.drop(while: \.isWhitespace))
        else { return Part(name: name, isConstraint: false) }
        return Part(name: constraint, isConstraint: true)
    }

    private static func name(at text: Substring) -> (String, Substring)? {
        guard let quote = text.first, quote == "\"" || quote == "'" else {
            let word = text.prefix { $0.isLetter || $0.isNumber || $0 == "_" || $0 == "$" }
            return word.isEmpty ? nil : (Identifier.fold(String(word)), text[word.endIndex...])
        }
        var name = ""
        var rest = text
        repeat {
            if !name.isEmpty { name.append(quote) }
            let part = rest.dropFirst().prefix { $0 != quote }
            name += part
            rest = text[part.endIndex...].dropFirst()
        } while rest.first == quote
        return name.isEmpty ? nil : (name, rest)
    }

    /// The object in a schema that is which the annotation is about; nil if there is none any more.
    ///
    /// - Parameters:
    ///   - from: what is.
    ///   - to: what is wanted.
    ///   - all: the annotations of the same SQL.
    /// - Returns: the object, and the schema that it moves to, if it does.
    func match(from: Catalog, to: Catalog, among all: [RenameAnnotation]) -> (RenameRequest.Match, newSchema: String?)?
    {
        let owners = to.objects.map(\.identity).filter { identity in
            identity.kind.renameLevel != nil && NamedObject(identity) == object
                && (schema == nil || identity.schema == nil || schema == identity.schema)
        }
        guard let part else {
            // Of functions of one name, the one that was there.
            for owner in owners {
                let schema = owner.kind.isMovable ? oldSchema : nil
                let old = owner.with(schema: schema, name: oldName)
                guard from[old] != nil else { continue }
                return (RenameRequest.Match(identity: old, part: nil), schema == owner.schema ? nil : owner.schema)
            }
            return nil
        }
        guard let owner = owners.first else { return nil }
        // What it belongs to may have another name itself.
        let former = all.first { $0.part == nil && $0.object == object && $0.schema == schema }
        let names = [owner, former.map { owner.with(schema: $0.oldSchema, name: $0.oldName) }]
            .compactMap { $0.flatMap { from[$0] } }.prefix(1)
        let children: [CatalogKind] =
            owner.kind == .domain
            ? [.domainConstraint] : part.isConstraint ? [.constraint] : [.column, .viewColumn]
        for object in names {
            let parent = object.identity
            if object.partNames.contains(oldName) { return (RenameRequest.Match(identity: parent, part: oldName), nil) }
            for kind in children {
                let old = ObjectIdentity(kind, schema: parent.schema, parent: parent.name, oldName)
                if from[old] != nil { return (RenameRequest.Match(identity: old, part: nil), nil) }
            }
        }
        return nil
    }
}
