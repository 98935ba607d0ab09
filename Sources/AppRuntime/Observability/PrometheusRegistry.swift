public import CoreMetrics
import Synchronization

/// The metrics of this process, in the text format of Prometheus (version 0.0.4).
///
/// It is a factory for swift-metrics: `MetricsSystem.bootstrap(PrometheusRegistry.shared)` keeps whatever the application and its
/// libraries count. Counters end in `_total`, timers are histograms in `_seconds`, recorders are histograms, gauges and meters are
/// gauges. Updating one takes a lock of its own.
///
/// What somebody else chooses must not fill the memory: a metric has ``Limits/series`` combinations of labels at most, and
/// all further ones are counted together under the value `other`.
public final class PrometheusRegistry: MetricsFactory {
    /// What keeps the number and the size of series down.
    public struct Limits: Hashable, Sendable {
        /// How many combinations of labels a metric has.
        public var series = 500
        /// How many metrics there are.
        public var families = 2000
        /// How many characters of a label's value are kept.
        public var valueLength = 128

        /// Makes limits: 500 series of each of 2000 metrics, values of 128 characters.
        public init() {}
    }

    /// The registry that an application has one of.
    public static let shared = PrometheusRegistry()

    private let limits: Limits
    private let bounds: [String: [Double]]
    private let families = Mutex<[String: MetricFamily]>([:])
    private let crowded = CounterSeries()

    /// Makes a registry.
    ///
    /// - Parameters:
    ///   - limits: what keeps the number of series down.
    ///   - bounds: the upper bounds of histograms, by the metric's name as it is exported.
    public init(limits: Limits = Limits(), bounds: [String: [Double]] = [:]) {
        self.limits = limits
        self.bounds = bounds.mapValues { $0.filter(\.isFinite).sorted() }
    }

    /// The bounds of times, in seconds: those that OpenTelemetry gives for HTTP, and longer ones for jobs.
    public static let timeBounds = [
        0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10, 30, 60, 300, 1800,
    ]

    /// The bounds of numbers.
    public static let numberBounds = [1.0, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 10_000, 100_000]

    /// A counter, or one that goes nowhere if there is another kind of metric of that name.
    public func makeCounter(label: String, dimensions: [(String, String)]) -> any CounterHandler {
        series(.counter, MetricName.family(label, suffix: "_total"), dimensions) { CounterSeries() }
    }

    /// A counter of fractions.
    public func makeFloatingPointCounter(
        label: String,
        dimensions: [(String, String)]
    ) -> any FloatingPointCounterHandler {
        series(.counter, MetricName.family(label, suffix: "_total"), dimensions) { CounterSeries() }
    }

    /// A gauge that is set.
    public func makeMeter(label: String, dimensions: [(String, String)]) -> any MeterHandler {
        series(.gauge, MetricName.family(label), dimensions) { GaugeSeries() }
    }

    /// A histogram, or a gauge if only the last value counts.
    public func makeRecorder(
        label: String,
        dimensions: [(String, String)],
        aggregate: Bool
    ) -> any RecorderHandler {
        let name = MetricName.family(label)
        guard aggregate else { return series(.gauge, name, dimensions) { GaugeSeries() } }
        // A duration may be recorded as a number of seconds.
        let standard = name.hasSuffix("_seconds") ? Self.timeBounds : Self.numberBounds
        let bounds = bounds[name] ?? standard
        return series(.histogram, name, dimensions) { HistogramSeries(bounds: bounds) }
    }

    /// A histogram of seconds.
    public func makeTimer(label: String, dimensions: [(String, String)]) -> any TimerHandler {
        let name = MetricName.family(label, suffix: "_seconds")
        let bounds = bounds[name] ?? Self.timeBounds
        return series(.histogram, name, dimensions) { HistogramSeries(bounds: bounds) }
    }

    /// Forgets a counter, unless it is used elsewhere.
    public func destroyCounter(_ handler: any CounterHandler) { forget(handler) }

    /// Forgets a counter, unless it is used elsewhere.
    public func destroyFloatingPointCounter(_ handler: any FloatingPointCounterHandler) { forget(handler) }

    /// Forgets a meter, unless it is used elsewhere.
    public func destroyMeter(_ handler: any MeterHandler) { forget(handler) }

    /// Forgets a recorder, unless it is used elsewhere.
    public func destroyRecorder(_ handler: any RecorderHandler) { forget(handler) }

    /// Forgets a timer, unless it is used elsewhere.
    public func destroyTimer(_ handler: any TimerHandler) { forget(handler) }

    /// All metrics as text, sorted by name.
    public func text() -> String {
        let all = families.withLock { $0 }
        var text = ""
        for (name, family) in all.sorted(by: { $0.key < $1.key }) where !family.series.isEmpty {
            family.write(name: name, to: &text)
        }
        let dropped = crowded.value
        if dropped > 0 {
            let name = "lastro_metrics_series_dropped_total"
            text += "# HELP \(name) \(MetricHelp.text(of: name))\n# TYPE \(name) counter\n"
            text += "\(name) \(MetricName.number(dropped))\n"
        }
        return text
    }

    /// The series of a name and labels: the one that is there, a new one, or the one for everything that has no place.
    private func series<Series: AnyObject & Sendable>(
        _ kind: MetricFamily.Kind,
        _ name: String,
        _ dimensions: [(String, String)],
        make: () -> Series
    ) -> Series {
        let labels = MetricLabels(dimensions, valueLength: limits.valueLength)
        return families.withLock { families in
            if families[name] == nil {
                guard families.count < limits.families else {
                    crowded.increment(by: Int64(1))
                    return make()
                }
                families[name] = MetricFamily(kind: kind)
            }
            guard families[name]?.kind == kind else {
                // One name, two kinds: no scrape could be read. The first one stays.
                crowded.increment(by: Int64(1))
                return make()
            }
            let isFull = families[name].map { $0.series.count >= limits.series && $0.series[labels] == nil } ?? false
            if isFull { crowded.increment(by: Int64(1)) }
            let place = isFull ? labels.other : labels
            if let entry = families[name]?.series[place], let series = entry.handler as? Series {
                families[name]?.series[place]?.holders += 1
                return series
            }
            let series = make()
            families[name]?.series[place] = MetricFamily.Entry(handler: series, holders: 1)
            return series
        }
    }

    private func forget(_ handler: AnyObject) {
        families.withLock { families in
            for (name, family) in families {
                guard let (labels, entry) = family.series.first(where: { $0.value.handler === handler }) else {
                    continue
                }
                if entry.holders > 1 {
                    families[name]?.series[labels]?.holders -= 1
                } else {
                    families[name]?.series[labels] = nil
                }
                return
            }
        }
    }
}
