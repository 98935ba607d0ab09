extension DashboardTemplates {
    static let queues = """
        <div id="live" class="stack">{{>queues-live}}</div>

        """

    static let queuesLive = """
        {{#hasQueues}}<div class="card table"><table class="cards dense" role="table"><caption class="unseen">{{t.queues}}</caption>
        <thead role="rowgroup"><tr role="row"><th role="columnheader">{{t.type}}</th><th role="columnheader">{{t.state}}</th><th role="columnheader" class="n">{{t.waiting}}</th><th role="columnheader" class="n">{{t.running}}</th><th role="columnheader" class="n">{{t.oldest}}</th><th role="columnheader" class="n">{{t.completedHour}}</th><th role="columnheader" class="n">{{t.failedDay}}</th><th role="columnheader" class="n">{{t.errorRate}}</th><th role="columnheader" class="n">p95</th>{{#mayAct}}<th role="columnheader"><span class="unseen">{{t.actions}}</span></th>{{/mayAct}}</tr></thead>
        <tbody role="rowgroup">{{#queues}}<tr role="row" id="{{id}}"><td class="lead" role="cell"><a href="{{href}}">{{name}}</a>{{#limits}}<span class="sub">{{limits}}</span>{{/limits}}</td><td role="cell" data-label="{{t.state}}"><span><span class="tag {{kind}}">{{stateText}}</span>{{#stateDetail}}<span class="sub">{{stateDetail}}</span>{{/stateDetail}}</span></td><td class="n" role="cell" data-label="{{t.waiting}}">{{waiting}}</td><td class="n" role="cell" data-label="{{t.running}}">{{running}}</td><td class="n" role="cell" data-label="{{t.oldest}}">{{oldest}}</td><td class="n" role="cell" data-label="{{t.completedHour}}">{{ended}}</td><td class="n" role="cell" data-label="{{t.failedDay}}">{{failed}}</td><td class="n" role="cell" data-label="{{t.errorRate}}">{{errorRate}}</td><td class="n" role="cell" data-label="p95">{{p95}}</td>{{#mayAct}}<td class="tight" role="cell">{{#isPaused}}<button class="small" form="act" formaction="/dashboard/queues/resume" name="type" value="{{name}}" id="do-{{id}}" aria-label="{{t.resume}} {{name}}">{{t.resume}}</button>{{/isPaused}}{{^isPaused}}<button class="small" form="act" formaction="/dashboard/queues/pause" name="type" value="{{name}}" id="do-{{id}}" aria-label="{{t.pause}} {{name}}">{{t.pause}}</button>{{/isPaused}}{{#hasFailed}} <button class="small" form="act" formaction="/dashboard/queues/redrive" name="type" value="{{name}}" id="again-{{id}}" aria-label="{{t.retryFailed}}: {{name}}" data-confirm="{{t.confirmRedrive}}">{{t.retryFailed}}</button>{{/hasFailed}}</td>{{/mayAct}}</tr>
        {{/queues}}</tbody></table></div>{{/hasQueues}}
        {{^hasQueues}}<div class="card"><p class="empty"><strong>{{t.noQueues}}</strong>{{t.noQueuesHint}}</p></div>{{/hasQueues}}

        """

    static let schedules = """
        <div id="live" class="stack">{{>schedules-live}}</div>

        """

    static let schedulesLive = """
        {{#hasSchedules}}<div class="card table"><table class="cards" role="table"><caption class="unseen">{{t.schedules}}</caption>
        <thead role="rowgroup"><tr role="row"><th role="columnheader">{{t.schedule}}</th><th role="columnheader">{{t.state}}</th><th role="columnheader">{{t.nextRuns}}</th><th role="columnheader">{{t.lastRuns}}</th>{{#mayAct}}<th role="columnheader"><span class="unseen">{{t.actions}}</span></th>{{/mayAct}}</tr></thead>
        <tbody role="rowgroup">{{#schedules}}<tr role="row" id="{{id}}"><td class="lead" role="cell"><strong>{{name}}</strong><span class="sub"><code>{{cron}}</code> · {{zone}}</span><span class="sub">{{type}} · {{missed}}</span></td><td role="cell" data-label="{{t.state}}"><span><span class="tag {{kind}}">{{stateText}}</span>{{#problem}}<span class="sub bad">{{problem}}</span>{{/problem}}</span></td><td role="cell" data-label="{{t.nextRuns}}">{{#hasNext}}<ul class="plain">{{#next}}<li><time datetime="{{machine}}" title="{{title}}">{{short}}</time> <span class="note">{{text}}</span></li>{{/next}}</ul>{{/hasNext}}{{^hasNext}}–{{/hasNext}}</td><td role="cell" data-label="{{t.lastRuns}}">{{#hasRuns}}<ul class="plain">{{#runs}}<li><a href="/dashboard/jobs/{{job}}"><time datetime="{{machine}}" title="{{title}}">{{short}}</time></a>{{#runState}} <span class="tag {{runKind}}">{{runState}}</span>{{/runState}}</li>{{/runs}}</ul>{{/hasRuns}}{{^hasRuns}}<span class="note">{{t.never}}</span>{{/hasRuns}}</td>{{#mayAct}}<td class="tight" role="cell"><button class="small" form="act" formaction="/dashboard/schedules/{{#isEnabled}}disable{{/isEnabled}}{{^isEnabled}}enable{{/isEnabled}}" name="name" value="{{name}}" id="do-{{id}}" aria-label="{{toggle}} {{name}}">{{toggle}}</button></td>{{/mayAct}}</tr>
        {{/schedules}}</tbody></table></div>{{/hasSchedules}}
        {{^hasSchedules}}<div class="card"><p class="empty"><strong>{{t.noSchedules}}</strong>{{t.noSchedulesHint}}</p></div>{{/hasSchedules}}

        """

    static let workers = """
        <div id="live" class="stack">{{>workers-live}}</div>

        """

    static let workersLive = """
        <section class="card" aria-labelledby="leader"><h2 id="leader">{{t.leader}}</h2><p>{{leader}}</p></section>
        {{#hasWorkers}}<div class="card table"><table class="cards dense" role="table"><caption class="unseen">{{t.workers}}</caption>
        <thead role="rowgroup"><tr role="row"><th role="columnheader">{{t.worker}}</th><th role="columnheader">{{t.state}}</th><th role="columnheader">{{t.heartbeat}}</th><th role="columnheader">{{t.started}}</th><th role="columnheader" class="n">{{t.running}}</th><th role="columnheader">{{t.types}}</th></tr></thead>
        <tbody role="rowgroup">{{#workers}}<tr role="row" id="{{id}}"><td class="lead" role="cell"><strong>{{host}}</strong> <span class="note">{{process}}</span><span class="sub"><code>{{shortID}}</code> · {{version}}</span></td><td role="cell" data-label="{{t.state}}"><span><span class="tag {{kind}}">{{stateText}}</span></span></td><td role="cell" class="tight" data-label="{{t.heartbeat}}">{{#beat}}<time datetime="{{machine}}" title="{{title}}">{{text}}</time>{{/beat}}</td><td role="cell" class="tight" data-label="{{t.started}}">{{#since}}<time datetime="{{machine}}" title="{{title}}">{{text}}</time>{{/since}}</td><td class="n" role="cell" data-label="{{t.running}}">{{running}}</td><td role="cell" data-label="{{t.types}}">{{types}}</td></tr>
        {{/workers}}</tbody></table></div>{{/hasWorkers}}
        {{^hasWorkers}}<div class="card"><p class="empty"><strong>{{t.noWorkers}}</strong>{{t.noWorkersHint}}</p></div>{{/hasWorkers}}

        """
}
