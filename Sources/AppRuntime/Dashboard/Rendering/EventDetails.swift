import Foundation

/// What is told of an event beside its kind, as people read it.
enum EventDetails {
    /// A title by itself; else names and values, one after the other; nil for nothing.
    static func text(_ json: String) -> String? {
        guard let value = try? JSONDecoder().decode(JSONValue.self, from: Data(json.utf8)),  // cut short: as it stands
            let members = value.object
        else { return json }
        if let title = members["title"]?.string { return title }
        // An id says nothing to people.
        let told = members.filter { $0.value.string.flatMap { UUID(uuidString: $0) } == nil }
        let parts = told.sorted { $0.key < $1.key }.map { name, value in
            "\(name.replacing("_", with: " ")): \(value.string ?? value.json)"
        }
        return parts.isEmpty ? nil : parts.joined(separator: " · ")
    }
}
