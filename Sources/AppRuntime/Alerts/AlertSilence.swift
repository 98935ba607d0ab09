/// What nobody is told of for a while.
enum AlertSilence {
    /// Until when a key is silent, as SQL: by a silence of its own, or by a maintenance window; null if it is not.
    static func end(of key: String) -> String {
        """
        (SELECT max(e.ends) FROM (
            SELECT s.ends_at AS ends FROM alert_silences s
            WHERE s.starts_at <= now() AND s.ends_at > now()
                AND \(key) LIKE replace(replace(replace(s.pattern, '%', '\\%'), '_', '\\_'), '*', '%')
            UNION ALL
            SELECT upper(m.janela) FROM ops_manutencao m WHERE m.cancelada_em IS NULL AND m.janela @> now()
        ) e)
        """
    }
}
