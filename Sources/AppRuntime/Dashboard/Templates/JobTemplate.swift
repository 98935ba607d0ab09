extension DashboardTemplates {
    static let job = """
        <div class="stack">
        <div id="live" class="stack">{{>job-live}}</div>
        <div class="two">
        <section class="card" aria-labelledby="data"><h2 id="data">{{t.payload}}</h2><pre tabindex="0" aria-labelledby="data">{{data}}</pre>{{#cut}}<p class="note">{{cut}}</p>{{/cut}}</section>
        {{#meta}}<section class="card" aria-labelledby="meta"><h2 id="meta">{{t.details}}</h2><dl class="facts">{{#facts}}<dt>{{name}}</dt><dd>{{value}}</dd>{{/facts}}</dl></section>{{/meta}}
        </div>
        </div>

        """

    /// What changes while a job is worked on.
    static let jobLive = """
        <section class="card" aria-label="{{t.summary}}"><div class="bar"><p><span class="tag {{kind}}">{{stateText}}</span> {{#why}}<span>{{why}}</span>{{/why}}</p>
        {{>job-buttons}}</div>
        {{#progress}}<p class="hint"><progress max="100" value="{{progress}}" aria-label="{{t.progress}}">{{progress}} %</progress> {{progress}} %{{#progressNote}} · {{progressNote}}{{/progressNote}}</p>{{/progress}}
        {{#error}}<pre class="bad" tabindex="0" aria-label="{{t.error}}">{{error}}</pre>{{/error}}</section>
        <div class="two">
        <section class="card" aria-labelledby="line"><h2 id="line">{{t.timeline}}</h2><ol class="line">{{#events}}<li class="{{kind}}">{{text}}{{#detail}} <span class="sub">{{detail}}</span>{{/detail}}<time class="when" datetime="{{machine}}">{{title}} · {{relative}}</time></li>{{/events}}</ol></section>
        <section class="card" aria-labelledby="logs"><h2 id="logs">{{t.logs}}</h2>{{#hasLogs}}{{#logsCut}}<p class="note">{{logsCut}}</p>{{/logsCut}}<ol class="logs" tabindex="0" aria-labelledby="logs">{{#logs}}<li><time datetime="{{machine}}" title="{{title}}">{{clock}}</time><span class="{{level}}">{{level}}{{#attempt}} #{{attempt}}{{/attempt}}</span><p>{{message}}{{#details}} {{details}}{{/details}}</p></li>{{/logs}}</ol>{{/hasLogs}}{{^hasLogs}}<p class="note">{{t.noLogs}}</p>{{/hasLogs}}</section>
        {{#result}}<section class="card" aria-labelledby="result"><h2 id="result">{{t.result}}</h2><pre tabindex="0" aria-labelledby="result">{{result}}</pre></section>{{/result}}
        </div>

        """

    /// Buttons of the form that stands outside: what is sent to all who watch a page has no one's token in it.
    static let jobButtons = """
        {{#mayAct}}<div class="buttons" role="group" aria-label="{{t.actions}}">
        {{#mayRetry}}<button class="main" form="act" formaction="/dashboard/jobs/{{id}}/retry" id="do-retry">{{t.retry}}</button>{{/mayRetry}}
        {{#mayHasten}}<button class="main" form="act" formaction="/dashboard/jobs/{{id}}/retry" id="do-hasten">{{t.hasten}}</button>{{/mayHasten}}
        {{#mayCancel}}<button class="danger" form="act" formaction="/dashboard/jobs/{{id}}/cancel" id="do-cancel" data-confirm="{{t.confirmCancel}}">{{t.cancel}}</button>{{/mayCancel}}
        {{#mayDiscard}}<button class="danger" form="act" formaction="/dashboard/jobs/{{id}}/discard" id="do-discard" data-confirm="{{t.confirmDiscard}}">{{t.discard}}</button>{{/mayDiscard}}
        {{#mayCopy}}<a class="button" href="/dashboard/jobs/new?like={{id}}">{{t.another}}</a>{{/mayCopy}}
        </div>{{/mayAct}}

        """

    static let newJob = """
        {{#hasKinds}}<form class="card form" method="post" action="/dashboard/jobs" id="new-job">
        <input type="hidden" name="_csrf" value="{{csrf}}">
        <label class="field"><span>{{t.type}}</span><select name="type" required>{{#kinds}}<option value="{{name}}"{{#isCurrent}} selected{{/isCurrent}}>{{name}}</option>{{/kinds}}</select></label>
        <label class="field"><span>{{t.payload}} ({{t.json}})</span><textarea name="data" required spellcheck="false" aria-describedby="data-hint">
        {{data}}</textarea></label>
        <p class="hint" id="data-hint">{{t.payloadHint}}</p>
        <div class="row">
        <label class="field"><span>{{t.name}}</span><input type="text" name="name" value="{{name}}" maxlength="255" placeholder="{{t.optional}}"></label>
        <label class="field"><span>{{t.notBefore}}</span><input type="datetime-local" name="at" value="{{at}}" step="1"></label>
        <label class="field"><span>{{t.priority}}</span><input type="number" name="priority" value="{{priority}}" min="-1000" max="1000" placeholder="{{t.ofKind}}"></label>
        <label class="field"><span>{{t.maxAttempts}}</span><input type="number" name="attempts" value="{{attempts}}" min="1" max="100" placeholder="{{t.ofKind}}"></label>
        </div>
        <div class="buttons"><button class="main">{{t.create}}</button><a class="button" href="/dashboard/jobs">{{t.back}}</a></div>
        </form>{{/hasKinds}}
        {{^hasKinds}}<div class="card"><p class="empty"><strong>{{t.noKinds}}</strong>{{t.noKindsHint}}</p></div>{{/hasKinds}}

        """
}
