/// A metric with all its series.
struct MetricFamily: Sendable {
    enum Kind: String, Sendable {
        case counter
        case gauge
        case histogram
    }

    struct Entry: Sendable {
        let handler: any AnyObject & Sendable
        /// How many asked for it, and did not give it back.
        var holders: Int
    }

    let kind: Kind
    var series: [MetricLabels: Entry] = [:]

    func write(name: String, to text: inout String) {
        text += "# HELP \(name) \(MetricName.escaped(MetricHelp.text(of: name)))\n# TYPE \(name) \(kind.rawValue)\n"
        for (labels, entry) in series.sorted(by: { $0.key < $1.key }) {
            switch entry.handler {
            case let counter as CounterSeries:
                text += "\(name)\(labels.text()) \(MetricName.number(counter.value))\n"
            case let gauge as GaugeSeries:
                text += "\(name)\(labels.text()) \(MetricName.number(gauge.value))\n"
            case let histogram as HistogramSeries:
                write(histogram, name: name, labels: labels, to: &text)
            default:
                break
            }
        }
    }

    private func write(_ histogram: HistogramSeries, name: String, labels: MetricLabels, to text: inout String) {
        let state = histogram.counts
        var total: UInt64 = 0
        for (bound, count) in zip(histogram.bounds + [.infinity], state.counts) {
            total += count
            let labels = labels.text(adding: ("le", MetricName.number(bound)))
            text += "\(name)_bucket\(labels) \(total)\n"
        }
        text += "\(name)_sum\(labels.text()) \(MetricName.number(state.sum))\n\(name)_count\(labels.text()) \(total)\n"
    }
}

/// A series' labels, sorted by name.
struct MetricLabels: Hashable, Comparable, Sendable {
    private let names: [String]
    private let values: [String]

    init(_ dimensions: [(String, String)], valueLength: Int) {
        // The last one of a name counts: a name that comes twice could not be read.
        let pairs = Dictionary(
            dimensions.map { (MetricName.label($0.0), String($0.1.prefix(valueLength))) },
            uniquingKeysWith: { $1 }
        )
        .sorted { $0.key < $1.key }
        (names, values) = (pairs.map(\.key), pairs.map(\.value))
    }

    private init(names: [String], values: [String]) {
        (self.names, self.values) = (names, values)
    }

    /// The labels of all that have no series of their own.
    var other: MetricLabels { MetricLabels(names: names, values: names.map { _ in "other" }) }

    func text(adding extra: (name: String, value: String)? = nil) -> String {
        var pairs = zip(names, values).map { "\($0)=\(MetricName.quoted($1))" }
        if let extra { pairs.append("\(extra.name)=\(MetricName.quoted(extra.value))") }
        return pairs.isEmpty ? "" : "{\(pairs.joined(separator: ","))}"
    }

    static func < (one: MetricLabels, other: MetricLabels) -> Bool {
        (one.names, one.values).0 == other.names
            ? one.values.lexicographicallyPrecedes(other.values) : one.names.lexicographicallyPrecedes(other.names)
    }
}
