extension DashboardWords {
    private typealias P = DashboardPhrase

    /// Why a job does not run, in the words of ``JobReason``; they stand behind the job's state.
    static let reasons: [String: DashboardPhrase] = Dictionary(
        uniqueKeysWithValues: JobReason.sentences.map { code, sentence in
            ("why-\(code)", P(sentence, reasonsInPortuguese[code] ?? sentence))
        }
    ).merging(["why-running": P("since {} on {}, process {}", "desde {} em {}, processo {}")]) { $1 }

    private static let reasonsInPortuguese = [
        "ended": "encerrada em {} como {}",
        "unheld": "marcada como em execução, mas nenhum processo a tem: a próxima varredura a devolve",
        "exhausted": "todas as {} tentativas foram usadas: devolva-a à fila",
        "future": "não antes de {}",
        "paused": "tarefas do tipo {} pausadas desde {} por {}",
        "no-handler": "nenhum processo ativo trata o tipo {}",
        "limit": "{} tarefas do tipo {} em execução, e no máximo {} podem estar",
        "key-limit": "{} tarefas com a chave {} em execução, e no máximo {} podem estar",
        "rate": "tarefas do tipo {} começam no máximo {} vezes por segundo",
        "behind": "{} tarefas do mesmo tipo vêm antes",
        "next": "um processo a pega na próxima busca",
    ]

    /// What alerts say, by rule: `{0}` is what it is about, `{1}` the value.
    ///
    /// In English the alert's own title stands, which says more.
    static let alertTitles: [String: String] = [
        "critical-job-failed": "tarefas do tipo crítico {0} que falharam em definitivo: {1}",
        "error-rate": "{1} das tentativas de tarefas falham",
        "request-error-rate": "{1} das requisições falham",
        "oldest-age": "uma tarefa do tipo {0} espera há {1}",
        "no-leader": "ninguém lidera há {1}: nada agendado é disparado e nenhuma tarefa perdida é devolvida",
        "scheduler-late": "o agendamento {0} está {1} atrasado",
        "jobs-rescued": "tarefas retomadas de processos que se perderam: {1}",
        "hand-backs": "devoluções, em uma hora, de tarefas já devolvidas dez vezes: {1}",
        "backup-old": "o último backup de {0} tem {1}, ou nunca houve um",
        "drill-failed": "o último ensaio de {0} falhou",
        "drift": "objetos do esquema que não estão como as migrações os criam: {1}",
        "migration-pending": "há migrações pendentes ou que não podem ser aplicadas: {1}",
        "old-snapshot": "uma transação aberta há {1} impede a limpeza da vacuum",
        "old-snapshot/slot": "um slot de replicação impede a limpeza da vacuum",
        "dead-rows": "linhas mortas nas tabelas da fila: {1}",
        "anomaly": "{0} está fora do habitual ({1} desvios)",
    ]
}

extension DashboardLanguage {
    /// Why a job does not run.
    func reason(_ reason: JobReason) -> String {
        guard let phrase = DashboardWords.reasons["why-\(reason.code)"] else { return reason.text }
        return JobReason.sentence(phrase[self], reason.facts)
    }

    /// What an alert says: its own title, or the same in another language for rules that are known.
    func title(of alert: AlertFigures) -> String {
        let subject = alert.key.split(separator: "/", maxSplits: 1).dropFirst().first.map(String.init) ?? ""
        let titles = DashboardWords.alertTitles
        guard self == .portuguese, let value = alert.value, let sentence = titles[alert.key] ?? titles[alert.rule]
        else {
            return alert.title.capitalisedFirst
        }
        return sentence.capitalisedFirst.replacing("{1}", with: shown(value, of: alert.rule)).replacing(
            "{0}",
            with: subject
        )
    }

    private func shown(_ value: Double, of rule: String) -> String {
        switch rule {
        case AlertRule.errorRate.name, AlertRule.requestErrorRate.name: percent(value)
        case AlertRule.oldestAge.name, AlertRule.noLeader.name, AlertRule.schedulerLate.name,
            AlertRule.oldSnapshot.name:
            duration(value)
        case AlertRule.backupOld.name: duration(value * 3600)
        case AlertRule.anomaly.name: decimal(value)
        default: number(Int(value.rounded()))
        }
    }
}

extension String {
    /// The text as the beginning of a sentence.
    fileprivate var capitalisedFirst: String { prefix(1).uppercased() + dropFirst() }
}
