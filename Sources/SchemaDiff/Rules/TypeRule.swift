import Catalog
import SQLSyntax

/// Base types and range types: nothing about them can be altered without harm, so they are made again.
struct TypeRule: KindRule {
    let kinds: Set<CatalogKind> = [.baseType, .rangeType]

    func create(_ object: CatalogObject, in context: PlanContext) -> [PlanStatement] {
        let type = "CREATE TYPE \(object.identity.qualifiedName)"
        if object.flag(.shell) { return [PlanStatement(type)] }
        let list = object.identity.kind == .rangeType ? Self.range(object) : Self.base(object)
        return Self.functions(takenWith: object, in: context) + [
            PlanStatement(type + (object.identity.kind == .rangeType ? " AS RANGE " : " ") + list.sql)
        ]
    }

    /// The functions that went with a base type which is made again, though nothing about them is to change.
    private static func functions(takenWith type: CatalogObject, in context: PlanContext) -> [PlanStatement] {
        guard type.identity.kind == .baseType, context.rebuilt.contains(type.identity) else { return [] }
        return type.dependencies.compactMap { context.to[$0] }
            .filter { $0.identity.kind == .function && !context.isNew($0.identity) }
            .flatMap { function in
                FunctionRule().create(function, in: context)
                    + CommonAttributes.statements(from: nil, to: function, in: context)
            }
    }

    func drop(_ object: CatalogObject, in context: PlanContext) -> [PlanStatement] {
        // A base type and its input function need each other: one can only go with the other.
        let isLinked = object.identity.kind == .baseType && !object.flag(.shell)
        return [PlanStatement("DROP TYPE \(object.identity.qualifiedName)" + (isLinked ? " CASCADE" : ""))]
    }

    func alter(_ change: ObjectChange, in context: PlanContext) throws -> Alteration {
        guard !change.differing.isEmpty else { return .inPlace([]) }
        let holder = context.from.objects.first {
            $0.identity.kind == .column && $0.dependencies.contains(change.identity)
                && context.to[$0.identity] != nil && !context.isNew($0.identity)
        }
        if let holder {
            let names = change.differing.sorted().map(\.rawValue).joined(separator: ", ")
            throw SchemaDiffError.refused(
                change,
                reason: "\(names) can only be changed by making it again, and \(holder.identity) holds values of it",
                byHand:
                    "create a new type beside it, convert the column with ALTER COLUMN … TYPE … USING, and drop the old one"
            )
        }
        return .rebuild
    }

    private static func range(_ object: CatalogObject) -> DefinitionList {
        var list = DefinitionList()
        list.add("SUBTYPE", object.text("subtype"))
        list.add("SUBTYPE_OPCLASS", object.text("operator_class"))
        list.add("COLLATION", object.text(.collation))
        list.add("CANONICAL", object.text("canonical"))
        list.add("SUBTYPE_DIFF", object.text("subtype_diff"))
        list.add("MULTIRANGE_TYPE_NAME", object.text("multirange"))
        return list
    }

    private static func base(_ object: CatalogObject) -> DefinitionList {
        var list = DefinitionList()
        list.add("INPUT", object.text("input"))
        list.add("OUTPUT", object.text("output"))
        list.add("RECEIVE", object.text("receive"))
        list.add("SEND", object.text("send"))
        list.add("TYPMOD_IN", object.text("typmod_in"))
        list.add("TYPMOD_OUT", object.text("typmod_out"))
        list.add("ANALYZE", object.text("analyze"))
        list.add("SUBSCRIPT", object.text("subscript"))
        list.add("INTERNALLENGTH", object.number("length").map { $0 == -1 ? "VARIABLE" : "\($0)" })
        list.add("PASSEDBYVALUE", if: object.flag("by_value"))
        list.add("ALIGNMENT", object.text("alignment"))
        list.add("STORAGE", object.text("storage"))
        list.add("CATEGORY", quoting: object.text("category"))
        list.add("PREFERRED", object.flag("preferred") ? "true" : nil)
        list.add("DEFAULT", quoting: object.text(.default))
        list.add("ELEMENT", object.text("element"))
        list.add("DELIMITER", quoting: object.text("delimiter"))
        list.add("COLLATABLE", object.flag("collatable") ? "true" : nil)
        return list
    }
}
