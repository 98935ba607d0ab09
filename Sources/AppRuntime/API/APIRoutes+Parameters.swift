import Foundation
import HTTPTypes
import Hummingbird

extension APIRoutes {
    /// Reads the parameters that a route describes, and refuses others.
    ///
    /// - Returns: the values by name.
    /// - Throws: ``Problem`` 400, naming each parameter that is not as it has to be.
    static func parameters(
        of request: Request,
        _ context: AppRequestContext,
        _ route: APIRoute,
        _ check: SchemaCheck
    ) throws(Problem) -> [String: JSONValue] {
        let query = FormFields(request.uri.query ?? "")
        var values: [String: JSONValue] = [:]
        var faults: [Problem.Detail] = []
        for parameter in route.parameters {
            let sent = texts(of: parameter, request, context, query)
            guard !sent.isEmpty else {
                if parameter.isRequired { faults.append(Problem.Detail(parameter.name, "it is missing")) }
                continue
            }
            guard let value = value(of: sent, by: parameter.schema) else {
                faults.append(Problem.Detail(parameter.name, "it is not of its type, or was sent more than once"))
                continue
            }
            faults += check.faults(in: value, by: parameter.schema, at: parameter.name)
            values[parameter.name] = value
        }
        let known = Set(route.parameters.filter { $0.place == .query }.map(\.name))
        for name in Set(query.names).subtracting(known).sorted() {
            faults.append(Problem.Detail(String(name.prefix(100)), "there is no parameter of that name"))
        }
        guard faults.isEmpty else { throw .badRequest("the parameters are not as they have to be", errors: faults) }
        return values
    }

    private static func texts(
        of parameter: APIParameter,
        _ request: Request,
        _ context: AppRequestContext,
        _ query: FormFields
    ) -> [String] {
        switch parameter.place {
        case .path:
            context.parameters.get(parameter.name).map { [$0.removingPercentEncoding ?? $0] } ?? []
        case .query: query.all(parameter.name)
        case .header: HTTPField.Name(parameter.name).map { request.headers[values: $0] } ?? []
        }
    }

    private static func value(of texts: [String], by schema: JSONValue) -> JSONValue? {
        if schema["type"] == "array" { return .array(texts.map(JSONValue.string)) }
        guard texts.count == 1, let text = texts.first else { return nil }
        switch schema["type"] {
        case "integer": return Int(text).map(JSONValue.integer)
        case "boolean": return text == "true" ? true : text == "false" ? false : nil
        default: return .string(text)
        }
    }
}
