import Foundation
import Postgres

/// How far a value lies outside of what it usually is: the modified z-score of Iglewicz and Hoaglin.
///
/// Median and median absolute deviation (MAD) take the place of mean and standard deviation, so that the outliers that
/// are looked for do not widen what they are measured by: `0.6745 × (value − median) / MAD`, and above 3.5 it is one.
public struct Anomaly: Sendable, Hashable {
    /// How far out is out.
    public static let limit = 3.5
    /// How many earlier values are needed.
    static let fewest = 30

    /// The score; below zero for values that are too low.
    public let score: Double
    /// What is usual: the values that stay within the limit.
    public let usual: ClosedRange<Double>

    /// Judges a value by earlier ones.
    ///
    /// A figure that hardly ever moves has a MAD of nothing, and would call everything an anomaly: it is taken to be a
    /// twentieth of the median at least.
    ///
    /// - Parameters:
    ///   - value: the value.
    ///   - earlier: the values before it, at least thirty.
    ///   - floor: the smallest deviation that matters.
    public init?(_ value: Double, among earlier: [Double], floor: Double = 0) {
        guard earlier.count >= Self.fewest, value.isFinite, earlier.allSatisfy(\.isFinite) else { return nil }
        let median = Self.median(of: earlier)
        let deviation = max(Self.median(of: earlier.map { abs($0 - median) }), abs(median) / 20, floor)
        guard deviation > 0 else { return nil }
        score = 0.6745 * (value - median) / deviation
        let reach = Self.limit * deviation / 0.6745
        usual = (median - reach)...(median + reach)
    }

    private static func median(of values: [Double]) -> Double {
        let sorted = values.sorted()
        let middle = sorted.count / 2
        return sorted.count.isMultiple(of: 2) ? (sorted[middle - 1] + sorted[middle]) / 2 : sorted[middle]
    }
}

extension AlertLook {
    /// The figures that are judged by what they were before, with the smallest deviation of each that matters.
    private static let judged: [(name: String, floor: Double)] = [
        ("jobs_ended_per_minute", 5), ("jobs_error_rate", 0.01), ("job_run_p95_seconds", 0.01),
        ("job_wait_seconds", 0.5), ("jobs_runnable", 20), ("db_latency_seconds", 0.01), ("db_connections", 3),
        ("http_requests_per_minute", 20), ("http_request_p95_seconds", 0.02), ("http_errors_per_minute", 3),
    ]

    /// Figures of the last minute that are not what they were in the two hours before; each goes into `ops_anomalias`.
    ///
    /// The method is ``Anomaly``'s. While one lasts it is written down every ten minutes.
    public static var anomalies: AlertLook {
        AlertLook("anomalies", for: [.anomaly], every: .seconds(30)) { connection in
            let rows = try await connection.query(
                """
                SELECT m.nome, m.minutes, m.values FROM (
                    SELECT nome, array_agg(extract(epoch FROM coletado_em)::int8 / 60 ORDER BY coletado_em DESC) AS minutes,
                        array_agg(valor ORDER BY coletado_em DESC) AS values
                    FROM (
                        SELECT nome, coletado_em, sum(valor) AS valor FROM ops_metrics
                        WHERE nome = ANY ($1::text[]) AND coletado_em > now() - interval '125 min' AND NOT rotulos ? 'route'
                        GROUP BY nome, coletado_em
                    ) x GROUP BY nome
                ) m
                WHERE m.minutes[1] >= extract(epoch FROM now())::int8 / 60 - 5
                """,
                judged.map(\.name)
            )
            var found: [AlertObservation] = []
            for row in rows {
                let (name, _, values) = try row.decode(String.self, [Int].self, [Double].self)
                let floor = judged.first { $0.name == name }?.floor ?? 0
                guard let newest = values.first,
                    let anomaly = Anomaly(newest, among: Array(values.dropFirst()), floor: floor),
                    abs(anomaly.score) > Anomaly.limit
                else { continue }
                try await store(anomaly, newest, of: name, on: connection)
                let words =
                    "\(name) is \(shown(newest)), usually \(shown(anomaly.usual.lowerBound)) to \(shown(anomaly.usual.upperBound))"
                found.append(AlertObservation(.anomaly, name, value: abs(anomaly.score), words))
            }
            return found
        }
    }

    private static func store(
        _ anomaly: Anomaly,
        _ value: Double,
        of name: String,
        on connection: PostgresConnection
    ) async throws {
        try await connection.query(
            """
            INSERT INTO ops_anomalias (metrica, observado, esperado, desvio, alerta_id)
            SELECT $1, $2, numrange($3::float8::numeric, $4::float8::numeric, '[]'), $5, (
                SELECT id FROM ops_alertas WHERE chave = '\(AlertRule.anomaly.name)/' || $1 AND resolvido_em IS NULL
            )
            WHERE NOT EXISTS (
                SELECT FROM ops_anomalias WHERE metrica = $1 AND detectada_em > now() - interval '10 minutes'
            )
            """,
            name,
            value,
            anomaly.usual.lowerBound,
            anomaly.usual.upperBound,
            anomaly.score
        )
    }

    private static func shown(_ value: Double) -> String { "\((value * 1000).rounded() / 1000)" }
}
