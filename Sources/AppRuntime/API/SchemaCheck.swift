import Foundation

/// Holds a value against a JSON Schema, as far as the API's descriptions use it: types, enumerations, members, lengths, ranges and
/// formats.
///
/// The same schema stands in the OpenAPI document, so that what is described is what is asked for.
struct SchemaCheck {
    /// The schemas that a `$ref` may name.
    let components: [String: JSONValue]

    /// What is wrong with a value.
    ///
    /// - Parameters:
    ///   - value: the value.
    ///   - schema: what it ought to be.
    ///   - place: a JSON pointer to it, or a parameter's name.
    /// - Returns: one entry a fault; none if it is as it ought to be.
    func faults(in value: JSONValue, by schema: JSONValue, at place: String) -> [Problem.Detail] {
        if let reference = schema["$ref"]?.string {
            let name = reference.split(separator: "/").last.map(String.init) ?? reference
            return faults(in: value, by: components[name] ?? [:], at: place)
        }
        if let fault = typeFault(of: value, by: schema) { return [Problem.Detail(place, fault)] }
        if let allowed = schema["enum"]?.array, !allowed.contains(value) {
            let words = allowed.compactMap(\.string).joined(separator: ", ")
            return [Problem.Detail(place, "it is none of \(words)")]
        }
        switch value {
        case .string(let text): return textFaults(text, schema).map { Problem.Detail(place, $0) }
        case .integer(let number): return rangeFaults(Double(number), schema).map { Problem.Detail(place, $0) }
        case .number(let number): return rangeFaults(number, schema).map { Problem.Detail(place, $0) }
        case .array(let values): return listFaults(values, schema, at: place)
        case .object(let members): return memberFaults(members, schema, at: place)
        case .null, .bool: return []
        }
    }

    private func typeFault(of value: JSONValue, by schema: JSONValue) -> String? {
        guard let wanted = schema["type"] else { return nil }
        let types = wanted.array?.compactMap(\.string) ?? [wanted.string].compactMap(\.self)
        let name = value.typeName
        if types.contains(name) || name == "integer" && types.contains("number") { return nil }
        return "it is of type \(name), not \(types.joined(separator: " or "))"
    }

    private func textFaults(_ text: String, _ schema: JSONValue) -> [String] {
        // PostgreSQL has no form for it (PostgreSQL manual, "Character Types").
        if text.utf8.contains(0) { return ["it holds a NUL character"] }
        var faults: [String] = []
        let length = text.unicodeScalars.count
        if let least = schema["minLength"]?.integer, length < least { faults.append("it is shorter than \(least)") }
        if let most = schema["maxLength"]?.integer, length > most { faults.append("it is longer than \(most)") }
        switch schema["format"]?.string {
        case "uuid" where UUID(uuidString: text) == nil: faults.append("it is no UUID")
        case "date-time" where Self.time(text) == nil: faults.append("it is no time of RFC 3339")
        default: break
        }
        return faults
    }

    private func rangeFaults(_ number: Double, _ schema: JSONValue) -> [String] {
        if let least = schema["minimum"]?.integer, number < Double(least) { return ["it is less than \(least)"] }
        if let most = schema["maximum"]?.integer, number > Double(most) { return ["it is more than \(most)"] }
        return []
    }

    private func listFaults(_ values: [JSONValue], _ schema: JSONValue, at place: String) -> [Problem.Detail] {
        if let least = schema["minItems"]?.integer, values.count < least {
            return [Problem.Detail(place, "it has fewer than \(least) entries")]
        }
        if let most = schema["maxItems"]?.integer, values.count > most {
            return [Problem.Detail(place, "it has more than \(most) entries")]
        }
        let items = schema["items"] ?? [:]
        return values.enumerated().flatMap { faults(in: $1, by: items, at: "\(place)/\($0)") }
    }

    private func memberFaults(
        _ members: [String: JSONValue],
        _ schema: JSONValue,
        at place: String
    ) -> [Problem.Detail] {
        let known = schema["properties"]?.object ?? [:]
        var faults = (schema["required"]?.array ?? []).compactMap(\.string).filter { members[$0] == nil }.map {
            Problem.Detail("\(place)/\($0)", "it is missing")
        }
        for (name, value) in members.sorted(by: { $0.key < $1.key }) {
            if let schema = known[name] {
                faults += self.faults(in: value, by: schema, at: "\(place)/\(name)")
            } else if schema["additionalProperties"] == false {
                faults.append(Problem.Detail("\(place)/\(name)", "there is no member of that name"))
            } else if Self.holdsNUL(value) || name.utf8.contains(0) {
                faults.append(Problem.Detail("\(place)/\(name)", "it holds a NUL character"))
            }
        }
        return faults
    }

    private static func holdsNUL(_ value: JSONValue) -> Bool {
        switch value {
        case .string(let text): text.utf8.contains(0)
        case .array(let values): values.contains(where: holdsNUL)
        case .object(let members): members.contains { $0.key.utf8.contains(0) || holdsNUL($0.value) }
        default: false
        }
    }

    /// A time of RFC 3339; nil for another text, and for years that PostgreSQL's columns are not used for.
    static func time(_ text: String) -> Date? {
        let upper = text.uppercased()
        let withFraction = Date.ISO8601FormatStyle(includingFractionalSeconds: true)
        guard let date = (try? withFraction.parse(upper)) ?? (try? Date.ISO8601FormatStyle().parse(upper)),
            (0...253_402_300_799).contains(date.timeIntervalSince1970)
        else { return nil }
        return date
    }
}
