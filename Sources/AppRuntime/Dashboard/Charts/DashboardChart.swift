import Foundation

/// A chart of numbers by the minute, as SVG that the server draws.
struct DashboardChart: Sendable {
    enum Shape: Sendable { case bars, lines }

    /// One row of numbers.
    struct Series: Sendable {
        let name: String
        /// `a`, `b` or `c`: which of the page's colours.
        let kind: String
        /// A number for every minute; nil where there is none.
        let values: [Double?]
    }

    let id: String
    let title: String
    let shape: Shape
    let minutes: [Date]
    let series: [Series]
    /// A number in words, such as `1.2 s`.
    let label: @Sendable (Double) -> String

    /// What the template needs.
    ///
    /// - Parameter language: the language of the words.
    /// - Returns: the model.
    func model(in language: DashboardLanguage) -> PageModel {
        let top = Self.roundTop(highest)
        var model = PageModel(
            ("id", id),
            ("title", title),
            ("high", label(top)),
            ("low", "0"),
            ("width", "\(minutes.count * 10)"),
            ("from", minutes.first.map(language.minute)),
            ("to", minutes.last.map(language.minute)),
            ("summary", summary(in: language))
        )
        model[list: "series"] = series.map { PageModel(("name", $0.name), ("kind", $0.kind)) }
        if shape == .bars { model[list: "bars"] = bars(top) }
        if shape == .lines {
            model[list: "lines"] = series.map { PageModel(("kind", $0.kind), ("d", Self.path($0.values, top))) }
        }
        model[list: "rows"] = minutes.indices.reversed().map { place in
            var row = PageModel(("minute", language.minute(minutes[place])))
            row[list: "cells"] = series.map { PageModel(("value", $0.values[place].map(label) ?? "–")) }
            return row
        }
        return model
    }

    private var highest: Double {
        if shape == .lines { return series.flatMap { $0.values.compactMap { $0 } }.max() ?? 0 }
        return minutes.indices.map { place in series.reduce(0) { $0 + ($1.values[place] ?? 0) } }.max() ?? 0
    }

    /// The newest numbers in words, which stand beside the title.
    private func summary(in language: DashboardLanguage) -> String {
        let last = series.compactMap { series in
            series.values.last { $0 != nil }.flatMap { $0 }.map { "\(series.name) \(label($0))" }
        }
        return last.isEmpty ? language("noData") : last.joined(separator: " · ")
    }

    /// The bars of each minute, one on the other.
    private func bars(_ top: Double) -> [PageModel] {
        minutes.indices.flatMap { place in
            var base = 100.0
            return series.compactMap { series -> PageModel? in
                guard let value = series.values[place], value > 0 else { return nil }
                let height = value / top * 100
                base -= height
                return PageModel(
                    ("kind", series.kind),
                    ("x", "\(place * 10 + 1)"),
                    ("y", Self.text(base)),
                    ("w", "8"),
                    ("h", Self.text(height))
                )
            }
        }
    }

    /// A line through the numbers that are there.
    private static func path(_ values: [Double?], _ top: Double) -> String {
        var path = ""
        var isDrawing = false
        for (place, value) in values.enumerated() {
            guard let value else {
                isDrawing = false
                continue
            }
            let point = "\(place * 10 + 5) \(text(100 - value / top * 100))"
            // A number without neighbours would be no line at all.
            path += isDrawing ? "L\(point)" : "M\(place * 10 + 4) \(text(100 - value / top * 100))L\(point)"
            isDrawing = true
        }
        return path
    }

    /// 1, 2 or 5 times a power of ten, at least as high as a number.
    static func roundTop(_ value: Double) -> Double {
        guard value > 0, value.isFinite else { return 1 }
        let power = pow(10, log10(value).rounded(.down))
        return ([1, 2, 5].first { $0 * power >= value } ?? 10) * power
    }

    private static func text(_ value: Double) -> String { String(format: "%.2f", value) }
}
