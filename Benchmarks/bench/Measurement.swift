/// One line of the table: a figure, and where there is one that of what it is measured beside, in turn in the same run.
struct Measurement: Encodable {
    let name: String
    /// The median; nil for what is not on this machine.
    var value: Double?
    let unit: String
    /// The median of what it is set beside.
    var baseline: Double?
    /// The median of the ratios, pair by pair.
    var ratio: Double?
    /// What the ratio has to keep to: at most, or with a throughput at least.
    var bound: Double?
    /// What is compared with what.
    var note: String

    var isThroughput: Bool { unit.hasSuffix("/s") }

    var isKept: Bool {
        guard let ratio, let bound else { return true }
        return isThroughput ? ratio >= bound : ratio <= bound
    }

    private enum Key: CodingKey { case name, value, unit, baseline, ratio, bound, note }

    /// Every key stands in every line, so that nobody has to ask whether it is there.
    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Key.self)
        try container.encode(name, forKey: .name)
        try container.encode(value, forKey: .value)
        try container.encode(unit, forKey: .unit)
        try container.encode(baseline, forKey: .baseline)
        try container.encode(ratio, forKey: .ratio)
        try container.encode(bound, forKey: .bound)
        try container.encode(note, forKey: .note)
    }
}

extension Measurement {
    /// A line of what was measured beside something else.
    init(_ name: String, _ figures: Figures, unit: String, bound: Double?, note: String) {
        self.init(
            name: name,
            value: figures.value,
            unit: unit,
            baseline: figures.baseline,
            ratio: figures.ratio,
            bound: bound,
            note: note
        )
    }
}

extension Measurement: CustomStringConvertible {
    var description: String {
        let isMissing = value == nil
        let cells = [
            padded(name, 34),
            padded(value.map { "\(rounded($0)) \(unit)" } ?? "-", 14),
            padded(baseline.map { "\(rounded($0)) \(unit)" } ?? "-", 14),
            padded(ratio.map { "\(rounded($0))×" } ?? "", 8),
            padded(
                isMissing ? "" : bound.map { "\(isThroughput ? "≥" : "≤") \($0)× \(isKept ? "kept" : "MISSED")" } ?? "",
                14
            ),
        ]
        return cells.joined(separator: " ") + " " + note
    }

    private func rounded(_ value: Double) -> String {
        let hundredths = Int((value * 100).rounded())
        return "\(hundredths / 100).\(String(hundredths % 100 + 100).dropFirst())"
    }

    private func padded(_ text: String, _ width: Int) -> String {
        text + String(repeating: " ", count: max(0, width - text.count))
    }
}
