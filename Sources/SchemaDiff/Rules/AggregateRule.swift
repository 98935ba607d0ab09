import Catalog
import SQLSyntax

/// Aggregates.
struct AggregateRule: KindRule {
    let kinds: Set<CatalogKind> = [.aggregate]

    func create(_ object: CatalogObject, in context: PlanContext) -> [PlanStatement] {
        [PlanStatement("CREATE AGGREGATE " + Self.definition(of: object))]
    }

    func drop(_ object: CatalogObject, in context: PlanContext) -> [PlanStatement] {
        [
            PlanStatement(
                "DROP \(object.identity.sqlTarget)",
                hazards: [
                    Hazard(
                        .untrackedDependency,
                        "the bodies of functions, and applications, may use \(object.identity)"
                    )
                ]
            )
        ]
    }

    func alter(_ change: ObjectChange, in context: PlanContext) -> Alteration {
        guard let after = change.after, !change.differing.isEmpty else { return .inPlace([]) }
        let isFixed = change.differing.isDisjoint(with: [
            .arguments, .result, AttributeName(rawValue: "hypothetical"),
        ])
        guard isFixed else { return .rebuild }
        return .inPlace([PlanStatement("CREATE OR REPLACE AGGREGATE " + Self.definition(of: after))])
    }

    private static func definition(of object: CatalogObject) -> String {
        var list = DefinitionList()
        list.add("SFUNC", object.text("sfunc"))
        list.add("STYPE", object.text("stype"))
        list.add("SSPACE", object.number("sspace"))
        list.add("FINALFUNC", object.text("finalfunc"))
        list.add("FINALFUNC_EXTRA", if: object.flag("finalfunc_extra"))
        list.add("FINALFUNC_MODIFY", object.text("finalfunc_modify"))
        list.add("COMBINEFUNC", object.text("combinefunc"))
        list.add("SERIALFUNC", object.text("serialfunc"))
        list.add("DESERIALFUNC", object.text("deserialfunc"))
        list.add("INITCOND", quoting: object.text("initcond"))
        list.add("MSFUNC", object.text("msfunc"))
        list.add("MINVFUNC", object.text("minvfunc"))
        list.add("MSTYPE", object.text("mstype"))
        list.add("MSSPACE", object.number("msspace"))
        list.add("MFINALFUNC", object.text("mfinalfunc"))
        list.add("MFINALFUNC_EXTRA", if: object.flag("mfinalfunc_extra"))
        list.add("MFINALFUNC_MODIFY", object.text("mfinalfunc_modify"))
        list.add("MINITCOND", quoting: object.text("minitcond"))
        list.add("SORTOP", object.text("sortop"))
        list.add("PARALLEL", object.text("parallel"))
        list.add("HYPOTHETICAL", if: object.flag("hypothetical"))
        let arguments = object.text(.arguments).flatMap { $0.isEmpty ? nil : $0 } ?? "*"
        let schema = object.identity.schema.map { Identifier.quote($0) + "." } ?? ""
        return "\(schema)\(Identifier.quote(object.identity.name))(\(arguments)) \(list.sql)"
    }
}
