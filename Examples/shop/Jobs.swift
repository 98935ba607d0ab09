import AppRuntime
import Postgres

/// Sends the receipt of an order.
struct SendReceipt: Job {
    static let type = "send-receipt"
    static let settings = JobSettings(maxAttempts: 5, timeout: .seconds(30), limits: JobLimits(running: 10))
    var order: String
}

/// Counts what was ordered, every night.
struct CountOrders: Job {
    static let type = "count-orders"
}

extension JobHandlers {
    /// What the shop does in the background.
    static func ofShop(_ pool: PostgresPool) -> JobHandlers {
        var handlers = JobHandlers()
        handlers.register(SendReceipt.self) { job, context in
            context.log(.info, "sending the receipt of order \(job.order)")
            // A handler runs at least once: what was sent already is not sent again.
            try await pool.withConnection { connection in
                try await connection.query(
                    "UPDATE orders SET receipt_sent_at = now() WHERE id = $1::uuid AND receipt_sent_at IS NULL",
                    job.order
                )
            }
        }
        handlers.register(CountOrders.self, returning: Int.self) { _, _ in
            try await pool.withConnection { connection in
                try await connection.query("SELECT count(*) FROM orders WHERE ordered_at > now() - interval '1 day'")
                    .single.decode(Int.self)
            }
        }
        return handlers
    }
}
