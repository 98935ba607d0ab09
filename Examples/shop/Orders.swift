import AppRuntime
import Foundation
import Hummingbird
import Postgres

/// The routes for orders.
struct Orders: RouteGroup {
    let pool: PostgresPool
    let queue: JobQueue

    private struct NewOrder: Decodable {
        let item: String
    }

    private struct Order: ResponseCodable {
        let id: String
        let item: String
        var receiptSentAt: Date?
    }

    func add(to router: RouterGroup<AppRequestContext>) {
        router.post("orders") { request, context in
            let new = try await request.decode(as: NewOrder.self, context: context)
            return try await pool.withConnection { connection in
                // The order and the job are one transaction: there are both of them, or neither.
                try await connection.withTransaction { connection in
                    let id = try await connection.query(
                        "INSERT INTO orders (item) VALUES ($1) RETURNING id::text",
                        new.item
                    ).single.decode(String.self)
                    let insertion = JobInsertion(traceParent: TraceContext.current?.description)
                    try await queue.insert(SendReceipt(order: id), insertion, on: connection)
                    return Order(id: id, item: new.item)
                }
            }
        }
        router.get("orders/{id}") { _, context in
            guard let id = UUID(uuidString: try context.parameters.require("id")) else {
                throw Problem.badRequest("this is no order's id")
            }
            let rows = try await pool.withConnection { connection in
                try await connection.query(
                    "SELECT id::text, item, receipt_sent_at FROM orders WHERE id = $1::uuid",
                    id.uuidString
                )
            }
            guard let row = rows.first else { throw Problem.notFound("there is no such order") }
            let (shown, item, sent) = try row.decode(String.self, String.self, Date?.self)
            return Order(id: shown, item: item, receiptSentAt: sent)
        }
    }
}

/// Knows one operator, by a token.
struct OneOperator: Authenticator {
    let token: BearerToken

    @concurrent
    func principal(of request: Request, context: AppRequestContext) async throws -> Principal? {
        guard token.isShown(in: request.headers[.authorization]) else { return nil }
        return Principal(userID: "operator", name: "operator", roles: [.operator], proof: .token)
    }
}
