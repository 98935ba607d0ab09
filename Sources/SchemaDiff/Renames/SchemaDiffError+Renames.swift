import Catalog
import SQLSyntax
import SourceText

extension SchemaDiffError {
    static func unreadableRename(_ text: String) -> Self {
        Self(
            .unusableRename,
            "\(text) says no rename",
            next: "write it as OLD=NEW, such as public.users=accounts or public.users.email=mail"
        )
    }

    static func unknownOldName(_ request: RenameRequest, nearest: String?) -> Self {
        Self(
            .unusableRename,
            "\(request.text): the schema that is has nothing of that name" + (nearest.map { "; \($0) is near" } ?? ""),
            next: "name it as the schema that is does, with its schema and for a column with its table; "
                + "`lastro diff` without the option proposes what it finds"
        )
    }

    static func ambiguousOldName(_ request: RenameRequest, among known: [String]) -> Self {
        Self(
            .unusableRename,
            "\(request.text): that may be \(known.sorted().joined(separator: " or "))",
            next:
                "say which, with its kind in front: \(known.sorted().first ?? "")=\(Identifier.quote(request.newName))"
        )
    }

    static func unknownNewName(_ text: String, _ rename: ObjectRename, nearest: String?) -> Self {
        Self(
            .unusableRename,
            "\(text): the schema that is wanted has no \(rename.part == nil ? rename.to.description : rename.newName)"
                + (nearest.map { "; \(Identifier.quote($0)) is near" } ?? ""),
            next: "give the name that it has there, in front of it the schema if it is to move to another one"
        )
    }

    static func onBothSides(_ text: String, _ identity: ObjectIdentity, _ name: String) -> Self {
        Self(
            .unusableRename,
            "\(text): \(Identifier.quote(name)) is in both schemas (\(identity))",
            next: "leave the rename out: an object that is wanted under its old name keeps it"
        )
    }

    static func nameTaken(_ text: String, _ name: String, by other: ObjectIdentity) -> Self {
        Self(
            .unusableRename,
            "\(text): the name \(Identifier.quote(name)) is taken by \(other) in the schema that is",
            next: "take that one out of the way first, in a migration of its own"
        )
    }

    static func unusableAnnotation(_ place: SourceLocation, why: String) -> Self {
        Self(
            .unusableRename,
            "\(place): \(why)",
            next:
                "write `-- lastro: renamed-from OLD_NAME` above the statement or the line of the column that has the new name"
        )
    }
}
