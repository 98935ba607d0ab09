/// What a template is filled with: texts, truth values, further models and lists of them.
///
/// A nil is no entry, so that a section of that name is left out. So is an empty text: Mustache would show the section.
struct PageModel: Sendable {
    private(set) var values: [String: any Sendable] = [:]

    init() {}

    subscript(name: String) -> String? {
        get { values[name] as? String }
        set { values[name] = newValue.flatMap { $0.isEmpty ? nil : $0 } }
    }

    subscript(flag name: String) -> Bool {
        get { values[name] as? Bool ?? false }
        set { values[name] = newValue }
    }

    subscript(list name: String) -> [PageModel] {
        get { (values[name] as? [[String: any Sendable]] ?? []).map { PageModel(values: $0) } }
        set { values[name] = newValue.map(\.values) }
    }

    subscript(model name: String) -> PageModel? {
        get { (values[name] as? [String: any Sendable]).map { PageModel(values: $0) } }
        set { values[name] = newValue?.values }
    }

    private init(values: [String: any Sendable]) { self.values = values }

    /// Makes a model from pairs.
    init(_ pairs: (String, String?)...) {
        for (name, value) in pairs { self[name] = value }
    }

    /// This model with all that another one has.
    func adding(_ other: PageModel) -> PageModel {
        PageModel(values: values.merging(other.values) { $1 })
    }
}
