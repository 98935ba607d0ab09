/// The options of a sequence that are not the server's own choice, as catalogs hold them: `START WITH 5`, `CYCLE`.
struct SequenceOptions {
    private let values: [String: String]

    init(_ options: [String]) {
        values = Dictionary(
            options.map { option in
                for name in ["START WITH", "INCREMENT BY", "MINVALUE", "MAXVALUE", "CACHE"]
                where option.hasPrefix(name + " ") {
                    return (name, String(option.dropFirst(name.count + 1)))
                }
                return (option, "")
            },
            uniquingKeysWith: { $1 }
        )
    }

    /// What takes a sequence from these options to others, each as `ALTER SEQUENCE` and `ALTER COLUMN … SET` take it.
    ///
    /// - Parameters:
    ///   - other: the options that are wanted.
    ///   - limits: the limits that they stand for.
    ///   - settingLimits: whether the limits have to be set, though the same is said of them: a statement before this one
    ///     has moved them.
    /// - Returns: the options that differ.
    func actions(to other: SequenceOptions, within limits: SequenceLimits, settingLimits: Bool) -> [String] {
        var actions: [String] = []
        func change(_ name: String, none: String, always: Bool = false) {
            guard always || values[name] != other.values[name] else { return }
            actions.append(other.values[name].map { $0.isEmpty ? name : "\(name) \($0)" } ?? none)
        }
        // What the server chooses by itself depends on the direction, and it chooses only once; told to choose again while
        // the type changes, it takes the type's limits.
        let setsLimits = settingLimits || isDescending != other.isDescending
        change("INCREMENT BY", none: "INCREMENT BY 1")
        change("MINVALUE", none: "MINVALUE \(limits.lowest)", always: setsLimits)
        change("MAXVALUE", none: "MAXVALUE \(limits.highest)", always: setsLimits)
        if values["START WITH"] != other.values["START WITH"] || !actions.isEmpty {
            actions.append("START WITH \(limits.first)")
        }
        change("CACHE", none: "CACHE 1")
        change("CYCLE", none: "NO CYCLE")
        return actions
    }

    private var isDescending: Bool { values["INCREMENT BY"]?.hasPrefix("-") ?? false }
}
