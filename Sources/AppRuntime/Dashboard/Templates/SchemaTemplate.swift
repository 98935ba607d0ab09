extension DashboardTemplates {
    static let migrations = """
        <div class="stack">
        <section class="card" aria-labelledby="drift"><div class="bar"><h2 id="drift">{{t.drift}}</h2>{{#mayCheck}}<button form="act" formaction="/dashboard/migrations/drift" id="do-drift">{{t.checkDrift}}</button>{{/mayCheck}}</div>
        <p><span class="tag {{driftKind}}">{{driftState}}</span> <span class="note">{{driftDetail}}</span></p>
        {{#hasDrift}}<ul class="plain">{{#drift}}<li><code>{{object}}</code> {{words}}</li>{{/drift}}</ul>{{/hasDrift}}</section>
        {{#problem}}<p class="message bad">{{problem}}</p>{{/problem}}
        {{#hasMigrations}}<div class="card table"><table class="cards" role="table"><caption class="unseen">{{t.migrations}}</caption>
        <thead role="rowgroup"><tr role="row"><th role="columnheader">{{t.migration}}</th><th role="columnheader">{{t.state}}</th><th role="columnheader">{{t.appliedAt}}</th></tr></thead>
        <tbody role="rowgroup">{{#migrations}}<tr role="row"><td class="lead" role="cell"><code>{{name}}</code></td><td role="cell" data-label="{{t.state}}"><span><span class="tag {{kind}}">{{stateText}}</span></span></td><td role="cell" data-label="{{t.appliedAt}}">{{#time}}<time datetime="{{machine}}" title="{{text}}">{{title}}</time>{{/time}}{{^time}}–{{/time}}</td></tr>
        {{/migrations}}</tbody></table></div>{{/hasMigrations}}
        {{^hasMigrations}}<div class="card"><p class="empty"><strong>{{t.noMigrations}}</strong>{{t.noMigrationsHint}}</p></div>{{/hasMigrations}}
        </div>

        """

    static let backups = """
        <div class="stack">
        {{#confidence}}<p class="message {{kind}}">{{text}}</p>{{/confidence}}
        <div class="card table"><h2>{{t.backupSchedules}}</h2>{{#hasPlans}}<table class="cards" role="table"><thead role="rowgroup"><tr role="row"><th role="columnheader">{{t.name}}</th><th role="columnheader">{{t.state}}</th><th role="columnheader">{{t.times}}</th><th role="columnheader">{{t.keeps}}</th><th role="columnheader" class="n">{{t.recipients}}</th></tr></thead>
        <tbody role="rowgroup">{{#plans}}<tr role="row"><td class="lead" role="cell"><strong>{{name}}</strong></td><td role="cell" data-label="{{t.state}}"><span><span class="tag {{kind}}">{{stateText}}</span></span></td><td role="cell" data-label="{{t.times}}"><code>{{cron}}</code></td><td role="cell" data-label="{{t.keeps}}">{{keeps}}</td><td class="n" role="cell" data-label="{{t.recipients}}">{{recipients}}</td></tr>{{/plans}}</tbody></table>{{/hasPlans}}{{^hasPlans}}<p class="empty"><strong>{{t.noBackupSchedules}}</strong>{{t.noBackupSchedulesHint}}</p>{{/hasPlans}}</div>
        <div class="card table"><h2>{{t.backups}}</h2>{{#hasBackups}}<table class="cards" role="table"><thead role="rowgroup"><tr role="row"><th role="columnheader">{{t.snapshot}}</th><th role="columnheader">{{t.state}}</th><th role="columnheader">{{t.when}}</th><th role="columnheader" class="n">{{t.took}}</th><th role="columnheader" class="n">{{t.size}}</th><th role="columnheader">{{t.lastDrill}}</th></tr></thead>
        <tbody role="rowgroup">{{#backups}}<tr role="row"><td class="lead" role="cell"><code>{{snapshot}}</code><span class="sub">{{repository}}</span>{{#error}}<span class="sub bad">{{error}}</span>{{/error}}</td><td role="cell" data-label="{{t.state}}"><span><span class="tag {{kind}}">{{stateText}}</span></span></td><td role="cell" data-label="{{t.when}}">{{#time}}<time datetime="{{machine}}" title="{{title}}">{{text}}</time>{{/time}}</td><td class="n" role="cell" data-label="{{t.took}}">{{took}}</td><td class="n" role="cell" data-label="{{t.size}}">{{size}}</td><td role="cell" data-label="{{t.lastDrill}}">{{#drill}}<span><span class="tag {{kind}}">{{stateText}}</span> <time datetime="{{machine}}" title="{{title}}">{{text}}</time></span>{{/drill}}{{^drill}}{{t.never}}{{/drill}}</td></tr>{{/backups}}</tbody></table>{{/hasBackups}}{{^hasBackups}}<p class="empty"><strong>{{t.noBackups}}</strong>{{t.noBackupsHint}}</p>{{/hasBackups}}</div>
        <div class="card table"><h2>{{t.drills}}</h2>{{#hasDrills}}<table class="cards" role="table"><thead role="rowgroup"><tr role="row"><th role="columnheader">{{t.snapshot}}</th><th role="columnheader">{{t.state}}</th><th role="columnheader">{{t.purpose}}</th><th role="columnheader">{{t.when}}</th><th role="columnheader" class="n">{{t.took}}</th></tr></thead>
        <tbody role="rowgroup">{{#drills}}<tr role="row"><td class="lead" role="cell"><code>{{snapshot}}</code>{{#differences}}<span class="sub bad">{{differences}}</span>{{/differences}}</td><td role="cell" data-label="{{t.state}}"><span><span class="tag {{kind}}">{{stateText}}</span></span></td><td role="cell" data-label="{{t.purpose}}">{{purpose}}</td><td role="cell" data-label="{{t.when}}">{{#time}}<time datetime="{{machine}}" title="{{title}}">{{text}}</time>{{/time}}</td><td class="n" role="cell" data-label="{{t.took}}">{{took}}</td></tr>{{/drills}}</tbody></table>{{/hasDrills}}{{^hasDrills}}<p class="empty"><strong>{{t.noDrills}}</strong>{{t.noDrillsHint}}</p>{{/hasDrills}}</div>
        </div>

        """
}
