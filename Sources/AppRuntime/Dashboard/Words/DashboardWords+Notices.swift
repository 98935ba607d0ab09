extension DashboardWords {
    private typealias P = DashboardPhrase

    /// What an action has done; `{}` is how many jobs.
    static let notices: [String: DashboardPhrase] = [
        "done-retry": P("{} put back into the queue.", "{} de volta à fila."),
        "done-redrive": P("{} put back into the queue.", "{} de volta à fila."),
        "done-cancel": P("{} cancelled.", "{} canceladas."),
        "done-ask": P("{} asked to stop.", "{} com parada solicitada."),
        "done-discard": P("{} discarded.", "{} descartadas."),
        "done-create": P("The job is in the queue.", "A tarefa está na fila."),
        "done-pause": P("Paused. What runs goes on.", "Pausada. O que está em execução continua."),
        "done-resume": P("Resumed.", "Retomada."),
        "done-enable": P(
            "Enabled; the next run is found within a second.",
            "Ativado; a próxima execução é definida em um segundo."
        ),
        "done-disable": P("Disabled.", "Desativado."),
        "done-silence": P("Silenced.", "Silenciado."),
        "done-unsilence": P("The silence is ended.", "O silêncio foi encerrado."),
        "done-acknowledge": P("Acknowledged.", "Reconhecido."),
        "done-drift": P(
            "The check is under way: load the page again in a moment.",
            "Verificação em andamento: recarregue em instantes."
        ),
        "none-done": P(
            "Nothing was changed: it is in a state in which this cannot be done, or gone.",
            "Nada mudou: o estado não permite isso, ou já não existe."
        ),
        "forbidden": P("You may look, but not change anything", "Você pode ver, mas não alterar"),
        "forbiddenHint": P("Ask for the role operator.", "Peça o papel de operador."),
        "signIn": P("Sign in", "Entrar"),
        "signInHint": P(
            "This page is for those who look after the system.",
            "Esta página é para quem cuida do sistema."
        ),
        "notFound": P("There is nothing here", "Não há nada aqui"),
        "problem": P("That did not work", "Isso não funcionou"),
        "toOverview": P("To the overview", "Para a visão geral"),
        "badNumber": P("Priority and attempts are whole numbers.", "Prioridade e tentativas são números inteiros."),
        "badTime": P("The time cannot be read.", "O horário não pode ser lido."),
        "badKind": P("There is no such kind of job.", "Não existe esse tipo de tarefa."),
    ]

    /// What a timeline tells; the keys are those of `job_events`.
    static let events: [String: DashboardPhrase] = [
        "event-inserted": P("Inserted", "Inserida"),
        "event-created": P("Created by hand by {}", "Criada manualmente por {}"),
        "event-due": P("Due", "Liberada"),
        "event-started": P("Attempt {} started", "Tentativa {} iniciada"),
        "event-logged": P("Attempt {} wrote to the log", "Tentativa {} escreveu no registro"),
        "event-completed": P("Completed", "Concluída"),
        "event-failed": P("Failed for good", "Falhou em definitivo"),
        "event-ended": P("Cancelled", "Cancelada"),
        "event-cancelled": P("Cancelled by {}", "Cancelada por {}"),
        "event-cancel-requested": P("Asked to stop by {}", "Parada solicitada por {}"),
        "event-redriven": P("Put back into the queue by {}", "Devolvida à fila por {}"),
        "event-retried": P("Made due by {}", "Liberada por {}"),
        "event-discarded": P("Discarded by {}", "Descartada por {}"),
        "event-rescued": P("Given back: its worker was lost", "Devolvida: seu processo se perdeu"),
        "event-handed-back-often": P(
            "Handed back once too often: it cost an attempt",
            "Devolvida vezes demais: custou uma tentativa"
        ),
        "event-orphan": P("Given back: no worker held it", "Devolvida: nenhum processo a tinha"),
        "event-repaired": P("Repaired by {}", "Reparada por {}"),
        "event-ack-stale": P(
            "A late word of a lost worker was refused",
            "Resposta tardia de um processo perdido recusada"
        ),
        "event-other": P("{} by {}", "{} por {}"),
        "system": P("the system", "o sistema"),
    ]
}

extension DashboardWords {
    /// What the page of alerts says.
    static let alertPhrases: [String: DashboardPhrase] = [
        "alert": P("Alert", "Alerta"),
        "severity": P("Severity", "Gravidade"),
        "since": P("Since", "Desde"),
        "until": P("Until", "Até"),
        "what": P("What", "O quê"),
        "by2": P("By", "Por"),
        "acknowledge": P("Acknowledge", "Reconhecer"),
        "silence": P("Silence", "Silenciar"),
        "silenceMore": P("Silence alerts for a while", "Silenciar alertas por um tempo"),
        "silences": P("Silences", "Silêncios"),
        "endSilence": P("End", "Encerrar"),
        "silentUntil": P("silent until {}", "silenciado até {}"),
        "silenceFor": P("For", "Por"),
        "pattern": P("Key", "Chave"),
        "patternHint": P(
            "A key as it stands under an alert; * stands for anything. Alerts still open, but nobody is told.",
            "A chave que aparece sob um alerta; * representa qualquer coisa. Os alertas ainda abrem, mas ninguém é avisado."
        ),
        "reason": P("Reason", "Motivo"),
        "noSilences": P("Nothing is silenced", "Nada está silenciado"),
        "noSilencesHint": P(
            "Silence an alert above while you look after it.",
            "Silencie um alerta acima enquanto cuida dele."
        ),
        "noAlertsHint": P(
            "Rules are looked at by the leader every few seconds.",
            "As regras são avaliadas pelo líder a cada poucos segundos."
        ),
        "trail": P("What happened", "O que aconteceu"),
        "noTrail": P("Nothing happened so far.", "Nada aconteceu até agora."),
        "trail-opened": P("opened", "aberto"),
        "trail-resolved": P("resolved", "resolvido"),
        "trail-silenced": P("silenced", "silenciado"),
        "trail-silence-ended": P("silence ended", "silêncio encerrado"),
        "trail-acknowledged": P("acknowledged", "reconhecido"),
        "trail-rule-changed": P("rule changed", "regra alterada"),
        "trail-told": P("told", "avisado"),
        "trail-not-told": P("could not be told", "não foi avisado"),
    ]
}
