import Catalog
import SQLSyntax

/// Functions and procedures.
struct FunctionRule: KindRule {
    let kinds: Set<CatalogKind> = [.function, .procedure]

    func create(_ object: CatalogObject, in context: PlanContext) -> [PlanStatement] {
        shells(before: object, in: context) + [PlanStatement(Self.definition(of: object))]
    }

    func drop(_ object: CatalogObject, in context: PlanContext) -> [PlanStatement] {
        // Its type takes it along where they need each other.
        let isTaken = context.from.objects(of: .baseType).contains {
            $0.dependencies.contains(object.identity)
                && (context.to[$0.identity] == nil || context.rebuilt.contains($0.identity))
        }
        return [
            PlanStatement(
                "DROP \(object.identity.kind.sqlName ?? "FUNCTION") \(isTaken ? "IF EXISTS " : "")"
                    + object.identity.sqlReference,
                hazards: [
                    Hazard(
                        .untrackedDependency,
                        "the bodies of other functions, and applications, may call \(object.identity)"
                    )
                ]
            )
        ]
    }

    func alter(_ change: ObjectChange, in context: PlanContext) -> Alteration {
        guard let before = change.before, let after = change.after else { return .rebuild }
        guard change.differing.contains(.definition) else { return .inPlace([]) }
        guard Self.canReplace(before, with: after) else { return .rebuild }
        var hazards: [Hazard] = []
        if after.flag(.untrackedBody) {
            hazards.append(
                Hazard(.untrackedDependency, "the server does not track what the body of \(change.identity) uses")
            )
        }
        let holders = context.from.objects.filter {
            $0.dependencies.contains(change.identity)
                && ([.index, .constraint, .domainConstraint].contains($0.identity.kind)
                    || $0.attributes[AttributeName(rawValue: "generated")] != nil)
        }
        if let holder = holders.first {
            hazards.append(
                Hazard(.correctness, "\(holder.identity) keeps what \(change.identity) returned before")
            )
        }
        return .inPlace([PlanStatement(Self.definition(of: after), hazards: hazards)])
    }

    /// The server prints a line break behind the body.
    private static func definition(of object: CatalogObject) -> String {
        var definition = object.text(.definition) ?? ""
        while definition.last?.isNewline == true { definition.removeLast() }
        return definition
    }

    /// What `CREATE OR REPLACE FUNCTION` takes: the same result, the same names of arguments that had one, and no
    /// default less.
    private static func canReplace(_ before: CatalogObject, with after: CatalogObject) -> Bool {
        guard before.text(.result) == after.text(.result) else { return false }
        if before.text(.arguments) == after.text(.arguments) { return true }
        let names = (before.list(.argumentNames), after.list(.argumentNames))
        let areKept = zip(names.0, names.1).allSatisfy { $0.isEmpty || $0 == $1 } && names.0.count <= names.1.count
        let defaults = (before.number(.argumentDefaults) ?? 0, after.number(.argumentDefaults) ?? 0)
        return (names.0.isEmpty || areKept) && defaults.0 <= defaults.1
            && outputs(of: before) == outputs(of: after)
    }

    /// How many names there are beyond those of the arguments that tell the function apart: those of its result.
    private static func outputs(of object: CatalogObject) -> Bool {
        let arguments = object.text(.arguments) ?? ""
        return arguments.hasPrefix("OUT ") || arguments.hasPrefix("INOUT ") || arguments.contains(", OUT ")
            || arguments.contains(", INOUT ")
    }

    /// The shell of a base type that is made of this function and others: the first of them brings it.
    private func shells(before object: CatalogObject, in context: PlanContext) -> [PlanStatement] {
        context.to.objects(of: .baseType).filter { type in
            context.isNew(type.identity)
                && type.dependencies.first { kinds.contains($0.kind) } == object.identity
        }.map { PlanStatement("CREATE TYPE \($0.identity.qualifiedName)") }
    }
}
