import AppRuntime
import Postgres

extension MaintenanceDuty {
    /// Deletes tries to log in that are older than 90 days, and sessions and links that ended 30 days ago.
    static let tidyAccounts = MaintenanceDuty("accounts", every: .seconds(3600)) { connection, _ in
        for statement in [
            "DELETE FROM login_attempts WHERE tentado_em < now() - interval '90 days'",
            """
            DELETE FROM user_sessions s WHERE s.expira_em < now() - interval '30 days' AND NOT EXISTS (
                SELECT FROM refresh_tokens r WHERE r.session_id = s.id AND r.expira_em > now() - interval '30 days')
            """,
            "DELETE FROM auth_password_resets WHERE expira_em < now() - interval '30 days'",
        ] {
            try await connection.query(statement)
        }
    }
}
