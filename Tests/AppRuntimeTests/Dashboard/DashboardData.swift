import AppRuntime
import Foundation
import Postgres

/// Rows such as a busy platform has, and rows that somebody with bad intentions has written.
enum DashboardData {
    /// What must never reach a page as markup.
    static let hostile = #""><script>hacked=1</script><img src=x onerror=hacked=1>' onmouseover='hacked=1"#
    /// What passes an escaping that looks at characters: quotation marks and brackets with an accent on them.
    static let accented = "\"\u{301} onfocus=hacked=1 autofocus x='\u{301} <\u{301}b>"

    /// An hour of work on a few types.
    static func seed(_ connection: PostgresConnection) async throws {
        _ = try await connection.script(
            """
            INSERT INTO job_rollups (minute, type, outcome, bucket, jobs, run_seconds, wait_seconds)
            SELECT date_trunc('minute', now()) - m * interval '1 minute', t.type, o.outcome, b.bucket,
                greatest(0, round(t.weight * o.part * b.part * (60 + 25 * sin(m / 7.0) + 8 * cos(m * 1.7))))::bigint, 1, 1
            FROM generate_series(0, 59) AS m, (VALUES ('progress-rollup', 0.2), ('send-receipt', 1.0), ('import-cards', 0.4))
                AS t (type, weight), (VALUES ('completed', 1.0), ('retry', 0.03), ('failed', 0.01)) AS o (outcome, part),
                (VALUES (3, 0.3), (5, 0.45), (7, 0.2), (9, 0.05)) AS b (bucket, part);
            INSERT INTO ops_metrics (nome, valor, coletado_em)
            SELECT 'jobs_oldest_runnable_age_seconds', 4 + 3 * sin(m / 5.0) + CASE WHEN m BETWEEN 20 AND 26 THEN 30 ELSE 0 END,
                date_trunc('minute', now()) - m * interval '1 minute' FROM generate_series(1, 59) AS m;
            INSERT INTO job_workers (id, host, pid, version, types, started_at, last_seen) VALUES
                ('00000000-0000-4000-8000-00000000000a', 'study-1', 4120, '1.4.0', '{greet,send-receipt,import-cards}',
                    now() - interval '3 hours', now() + interval '1 hour'),
                ('00000000-0000-4000-8000-00000000000b', 'study-2', 871, '1.4.0', '{progress-rollup,send-receipt}',
                    now() - interval '2 days', now() - interval '2 minutes');
            INSERT INTO runtime_leader (role, holder, term, expires_at)
            VALUES ('maintenance', '00000000-0000-4000-8000-00000000000a', 7, now() + interval '1 hour');
            INSERT INTO jobs (id, name, type, status, priority, attempts, started_at, created_at)
            VALUES ('0199a000-0000-7000-8000-000000000001', 'Import of 1,200 cards', 'import-cards', 'running', 5, 1,
                now() - interval '40 seconds', now() - interval '1 minute');
            INSERT INTO job_claims (job_id, worker_id, attempt, type, progress, progress_note)
            VALUES ('0199a000-0000-7000-8000-000000000001', '00000000-0000-4000-8000-00000000000a', 1, 'import-cards', 0.42,
                '504 of 1,200 cards');
            INSERT INTO jobs (name, type, priority, created_at) SELECT 'Receipt ' || n, 'send-receipt', 5 + n % 3,
                now() - n * interval '1 second' FROM generate_series(1, 12) AS n;
            INSERT INTO jobs (name, type, scheduled_for) SELECT 'Receipt, later ' || n, 'send-receipt',
                now() + n * interval '7 minutes' FROM generate_series(1, 4) AS n;
            INSERT INTO jobs (name, type, status, attempts, started_at, completed_at, created_at)
            SELECT 'Receipt ' || n, 'send-receipt', 'completed', 1, now() - n * interval '90 seconds',
                now() - n * interval '90 seconds' + (n % 9) * interval '41 milliseconds', now() - n * interval '91 seconds'
            FROM generate_series(1, 70) AS n;
            INSERT INTO jobs (id, name, type, status, attempts, started_at, completed_at, created_at, error, data)
            VALUES ('0199a000-0000-7000-8000-0000000000ff', 'Import of last week''s cards', 'import-cards', 'failed', 3,
                now() - interval '11 minutes', now() - interval '11 minutes' + interval '2.4 seconds',
                now() - interval '14 minutes', 'line 17 of cards.csv: "frente" is missing',
                '{"file": "cards.csv", "deck": 42, "api_token": "tok-live-123456", "options": {"skip": [1, 2]}}');
            INSERT INTO job_logs (job_id, level, message, attempt, created_at)
            SELECT '0199a000-0000-7000-8000-0000000000ff', l.level, l.message, a, now() - (15 - a) * interval '1 minute'
                + l.place * interval '300 milliseconds'
            FROM generate_series(1, 3) AS a, (VALUES (1, 'info', 'reading cards.csv'), (2, 'warning', '3 cards without a topic'),
                (3, 'error', 'line 17: "frente" is missing')) AS l (place, level, message);
            INSERT INTO job_events (job_id, kind, actor, happened_at)
            VALUES ('0199a000-0000-7000-8000-0000000000ff', 'redriven', 'ada', now() - interval '12 minutes');
            INSERT INTO job_schedule (id, name, type, cron, timezone, next_run_at) VALUES
                ('00000000-0000-4000-8000-0000000000c1', 'progress-rollup', 'progress-rollup', '*/15 * * * *', 'UTC',
                    date_trunc('hour', now()) + interval '1 hour'),
                (uuid_generate_v4(), 'nightly-backup', 'backup', '30 2 * * *', 'America/Sao_Paulo', now() + interval '9 hours');
            INSERT INTO job_schedule (name, type, cron, enabled) VALUES ('old-report', 'report', '0 8 * * mon', false);
            INSERT INTO jobs (id, name, type, status, attempts, started_at, completed_at, created_at)
            SELECT ('0199a000-0000-7000-8000-0000000001' || n || '0')::uuid, 'progress-rollup', 'progress-rollup',
                CASE n WHEN 2 THEN 'failed' ELSE 'completed' END, 1, slot, slot + interval '3.1 seconds', slot
            FROM (SELECT n, date_trunc('hour', now()) - n * interval '15 minutes' AS slot FROM generate_series(0, 3) AS n) s;
            INSERT INTO job_schedule_runs (schedule_id, slot, job_id)
            SELECT '00000000-0000-4000-8000-0000000000c1', date_trunc('hour', now()) - n * interval '15 minutes',
                ('0199a000-0000-7000-8000-0000000001' || n || '0')::uuid FROM generate_series(0, 4) AS n;
            INSERT INTO ops_health (componente, estado, latencia, detalhes) VALUES
                ('database', 'up', '1.3 milliseconds', '{}'), ('schema', 'up', '4 milliseconds', '{}'),
                ('redis', 'degraded', NULL, '{"detail": "Redis cannot be reached at cache.internal:6379"}');
            INSERT INTO job_controls (type, paused_at, paused_by, max_running) VALUES
                ('import-cards', now() - interval '5 minutes', 'ada', 4);
            INSERT INTO ops_alertas (chave, severidade, titulo, detalhes, aberto_em)
            VALUES ('oldest-age/send-receipt', 'alta', 'a job of type send-receipt has been due for 71 s',
                '{"rule": "oldest-age", "value": 71.3}', now() - interval '6 minutes');
            INSERT INTO alert_silences (pattern, reason, actor, ends_at)
            VALUES ('backup-old/*', 'the bucket moves to another region', 'ada', now() + interval '3 hours');
            INSERT INTO alert_events (key, kind, actor, details, happened_at) VALUES
                ('error-rate', 'opened', NULL, '{"title": "7.2 % of the attempts at jobs fail", "value": 0.072}', now() - interval '2 hours'),
                ('error-rate', 'told', NULL, '{"channel": "on-call", "attempt": 1}', now() - interval '119 minutes'),
                ('error-rate', 'resolved', NULL, '{}', now() - interval '100 minutes'),
                ('backup-old/*', 'silenced', 'ada', '{"minutes": 180}', now() - interval '9 minutes'),
                ('oldest-age/send-receipt', 'opened', NULL,
                    '{"title": "a job of type send-receipt has been due for 61 s", "value": 61}', now() - interval '6 minutes');
            INSERT INTO backup_schedule (nome, cron, destinatarios) VALUES ('nightly', '30 2 * * *', '{age1abc,age1def}');
            INSERT INTO backup_metadata (repositorio, snapshot, estado, iniciado_em, concluido_em, bytes, bytes_gravados)
            SELECT 's3://study-backups', to_char(now() - n * interval '1 day', 'YYYYMMDD"T"HH24MISS"Z"'), 'completo',
                now() - n * interval '1 day', now() - n * interval '1 day' + interval '74 seconds', 5368709120, 912680550
            FROM generate_series(0, 5) AS n;
            INSERT INTO restore_history (backup_id, ensaio, destino, iniciado_em, concluido_em, sucesso)
            SELECT id, true, 'scratch', iniciado_em + interval '2 hours', iniciado_em + interval '2 hours 4 minutes', true
            FROM backup_metadata ORDER BY iniciado_em DESC OFFSET 1 LIMIT 3;
            """
        )
    }

    /// The same places, filled by somebody who hopes that a page shows them as they are.
    ///
    /// - Returns: the job's id.
    static func seedHostile(_ connection: PostgresConnection) async throws -> String {
        let id = "0199b000-0000-7000-8000-00000000000e"
        for (text, place) in [(hostile, 0), (accented, 1)] {
            let short = String(text.prefix(90))
            try await connection.query(
                """
                INSERT INTO jobs (id, name, type, status, error, data, result, completed_at, started_at)
                VALUES ($1::uuid, $2::text, $3, 'failed', $2::text, jsonb_build_object($2::text, $2::text, 'password', 'tok-live-123456',
                    'url', 'postgres://u:hunter2-hunter2@h/d'), to_jsonb($2::text), now(), now())
                """,
                place == 0 ? id : "0199b000-0000-7000-8000-00000000000f",
                text,
                short
            )
            try await connection.query("INSERT INTO jobs (name, type) VALUES ($1, $2)", text, short)
            try await connection.query(
                "INSERT INTO job_logs (job_id, level, message, details, attempt) VALUES ($1::uuid, 'error', $2, to_jsonb($2::text), 1)",
                id,
                text
            )
            try await connection.query(
                """
                INSERT INTO job_events (job_id, kind, actor, details)
                VALUES ($1::uuid, $2, $2, jsonb_build_object('x', $2::text))
                """,
                id,
                text
            )
            try await connection.query(
                """
                INSERT INTO job_workers (id, host, pid, version, types) VALUES (gen_random_uuid(), $1::text, 1, $1::text, ARRAY[$1::text])
                """,
                text
            )
            try await connection.query(
                """
                INSERT INTO job_controls (type, paused_at, paused_by) VALUES ($1::text, now(), $1::text)
                ON CONFLICT (type) DO NOTHING
                """,
                text
            )
            try await connection.query(
                "INSERT INTO job_schedule (name, type, cron, timezone) VALUES ($1::text, $2, '0 1 * * *', $1::text)",
                text,
                short
            )
            try await connection.query("INSERT INTO ops_alertas (chave, titulo) VALUES ($1::text, $1::text)", text)
            try await connection.query(
                "INSERT INTO ops_health (componente, estado, detalhes) VALUES ($1::text, 'down', jsonb_build_object('detail', $1::text))",
                text
            )
            try await connection.query(
                "INSERT INTO alert_silences (pattern, reason, actor, ends_at) VALUES (replace($1::text, '\\', ''), $1::text, $1::text, now() + interval '1 day')",
                text
            )
            try await connection.query(
                "INSERT INTO alert_events (key, kind, actor, details) VALUES ($1::text, $1::text, $1::text, jsonb_build_object('x', $1::text))",
                text
            )
            try await connection.query(
                """
                WITH b AS (
                    INSERT INTO backup_metadata (repositorio, snapshot, estado, erro) VALUES ($1::text, $1::text, 'falhou', $1::text) RETURNING id
                )
                INSERT INTO restore_history (backup_id, ensaio, destino, diferencas) SELECT id, false, $1::text, to_jsonb($1::text) FROM b
                """,
                text
            )
        }
        try await connection.query(
            "INSERT INTO job_meta (job_id, concurrency_key, tags, actor, trace_parent) VALUES ($1::uuid, $2::text, ARRAY[$2::text], $2::text, $2::text)",
            id,
            hostile
        )
        return id
    }
}
