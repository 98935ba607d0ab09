import Catalog
import Migrator

/// The renames that somebody asked for, found in the schemas that they are about.
struct RenameRequests {
    private struct Request {
        let match: RenameRequest.Match
        let newName: String
        /// The schema that it moves to; nil where it stays.
        let newSchema: String?
        /// What was written; nil where nobody is to be told that it cannot be made.
        let text: String?
        let reason: RenameReason
    }

    private var requests: [Request] = []

    /// Finds the objects of a choice.
    ///
    /// - Throws: ``SchemaDiffError`` for a name that means nothing, or more than one thing.
    init(_ choice: RenameChoice, from: Catalog, to: Catalog) throws {
        let accepted = try choice.accepted.map { try RenameRequest($0) }
        for request in accepted {
            // What it belongs to may have its new name already.
            let others = accepted.compactMap { request.following($0) }
            let known = ([request] + others).first { !$0.matches(in: from).isEmpty }
            guard let known else {
                if ([request] + others).contains(where: { Self.isDone($0, from: from, to: to) }) { continue }
                throw SchemaDiffError.unknownOldName(request, nearest: request.nearest(in: from))
            }
            let match = try Self.match(of: known, from: from, to: to)
            let schema = match.part == nil && match.identity.kind.isMovable ? request.newSchema : nil
            add(match, newName: request.newName, newSchema: schema, text: request.text, reason: .accepted)
        }
        for annotation in choice.annotated {
            guard let (match, schema) = annotation.match(from: from, to: to, among: choice.annotated),
                !isRequested(match)
            else { continue }
            add(match, newName: annotation.newName, newSchema: schema, reason: .annotated)
        }
        for rename in choice.known {
            let match = RenameRequest.Match(identity: rename.from, part: rename.part?.from)
            guard !isRequested(match) else { continue }
            let schema = rename.isMove ? rename.to.schema : nil
            add(match, newName: rename.newName, newSchema: schema, reason: .accepted)
        }
    }

    private mutating func add(
        _ match: RenameRequest.Match,
        newName: String,
        newSchema: String?,
        text: String? = nil,
        reason: RenameReason
    ) {
        requests.append(Request(match: match, newName: newName, newSchema: newSchema, text: text, reason: reason))
    }

    private func isRequested(_ match: RenameRequest.Match) -> Bool { requests.contains { $0.match == match } }

    /// Whether an object has its new name on both sides already.
    private static func isDone(_ request: RenameRequest, from: Catalog, to: Catalog) -> Bool {
        let wanted = Set(request.matches(in: to, underNewName: true))
        return request.matches(in: to).isEmpty
            && request.matches(in: from, underNewName: true).contains(where: wanted.contains)
    }

    /// The object that a request means.
    private static func match(of request: RenameRequest, from: Catalog, to: Catalog) throws -> RenameRequest.Match {
        let matches = request.matches(in: from)
        if matches.count == 1 { return matches[0] }
        let likely = matches.filter { match in
            let isGone =
                to[match.identity].map { match.part != nil && !$0.partNames.contains(match.part ?? "") } ?? true
            return isGone
                && to.objects(of: match.identity.kind).contains {
                    match.part == nil
                        ? $0.identity.name == request.newName : $0.partNames.contains(request.newName)
                }
        }
        guard likely.count == 1 else {
            let known = (likely.isEmpty ? matches : likely).map { "\($0.identity.kind.rawValue):\($0.identity.path)" }
            throw SchemaDiffError.ambiguousOldName(request, among: known)
        }
        return likely[0]
    }

    /// The renames of a level, by the names that objects have by then.
    ///
    /// - Throws: ``SchemaDiffError`` for one that cannot be made.
    func renames(at level: Int, in renaming: Renaming) throws -> [(rename: ObjectRename, reason: RenameReason)] {
        let all = requests.filter { $0.match.identity.kind.renameLevel == level }
        let renames = all.map { request in
            let current = renaming.current(of: request.match.identity)
            // The object may get another name with its part.
            let whole = all.first { $0.match.part == nil && $0.match.identity == request.match.identity }
            return request.match.part.map { part in
                ObjectRename(
                    current,
                    to: current.with(schema: whole?.newSchema, name: whole?.newName),
                    part: ObjectRename.Part(from: part, to: request.newName)
                )
            } ?? ObjectRename(current, to: current.with(schema: request.newSchema, name: request.newName))
        }
        var result: [(rename: ObjectRename, reason: RenameReason)] = []
        for (request, rename) in zip(all, renames) {
            do {
                try check(rename, request.text, among: renames, in: renaming)
                result.append((rename, request.reason))
            } catch {
                // What nobody asked for now is left: it may have been done long ago.
                if request.text != nil { throw error }
            }
        }
        return result
    }

    private func check(_ rename: ObjectRename, _ text: String?, among all: [ObjectRename], in renaming: Renaming) throws
    {
        let text = text ?? ""
        let (from, to) = (renaming.catalog, renaming.to)
        func isTarget(_ identity: ObjectIdentity) -> Bool { all.contains { $0.part == nil && $0.to == identity } }
        func isSource(_ identity: ObjectIdentity) -> Bool { all.contains { $0.part == nil && $0.from == identity } }
        if let part = rename.part {
            let old = from[rename.from]?.partNames ?? []
            let wanted = to[rename.to]?.partNames ?? []
            guard wanted.contains(part.to) else {
                throw SchemaDiffError.unknownNewName(
                    text,
                    rename,
                    nearest: Spelling.nearest(to: part.to, among: wanted)
                )
            }
            guard
                !wanted.contains(part.from)
                    || all.contains(where: { $0.part?.to == part.from && $0.from == rename.from })
            else { throw SchemaDiffError.onBothSides(text, rename.from, part.from) }
            guard !old.contains(part.to) || all.contains(where: { $0.part?.from == part.to && $0.from == rename.from })
            else { throw SchemaDiffError.nameTaken(text, part.to, by: rename.from) }
            return
        }
        guard to[rename.to] != nil else {
            let names = to.objects(of: rename.to.kind).filter {
                $0.identity.schema == rename.to.schema && $0.identity.parent == rename.to.parent
            }
            throw SchemaDiffError.unknownNewName(
                text,
                rename,
                nearest: Spelling.nearest(to: rename.to.name, among: names.map(\.identity.name))
            )
        }
        guard to[rename.from] == nil || isTarget(rename.from) else {
            throw SchemaDiffError.onBothSides(text, rename.from, rename.from.name)
        }
        guard from[rename.to] == nil || isSource(rename.to) else {
            throw SchemaDiffError.nameTaken(text, rename.to.name, by: rename.to)
        }
        if let other = renaming.occupant(of: rename, beside: all) {
            throw SchemaDiffError.nameTaken(text, rename.to.name, by: other)
        }
    }
}
