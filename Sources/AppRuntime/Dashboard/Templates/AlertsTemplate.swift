extension DashboardTemplates {
    static let alerts = """
        <div class="stack">
        <div id="live" class="stack">{{>alerts-live}}</div>
        {{#mayAct}}<details class="card" id="silence"{{#pattern}} open{{/pattern}}><summary><strong>{{t.silenceMore}}</strong></summary>
        <form class="form" method="post" action="/dashboard/alerts/silence"><input type="hidden" name="_csrf" value="{{csrf}}">
        <p class="hint" id="pattern-hint">{{t.patternHint}}</p>
        <div class="row"><label class="field"><span>{{t.pattern}}</span><input type="text" name="pattern" required maxlength="200" value="{{pattern}}" aria-describedby="pattern-hint"></label>
        <label class="field"><span>{{t.silenceFor}}</span><select name="minutes"><option value="30">30 min</option><option value="60" selected>1 h</option><option value="240">4 h</option><option value="1440">24 h</option><option value="10080">7 d</option></select></label></div>
        <label class="field"><span>{{t.reason}}</span><input type="text" name="reason" required maxlength="500"></label>
        <div class="buttons"><button class="main">{{t.silence}}</button></div></form></details>{{/mayAct}}
        <div class="card table"><h2>{{t.silences}}</h2>{{#hasSilences}}<table class="cards" role="table"><thead role="rowgroup"><tr role="row"><th role="columnheader">{{t.pattern}}</th><th role="columnheader">{{t.reason}}</th><th role="columnheader">{{t.by2}}</th><th role="columnheader">{{t.until}}</th>{{#mayAct}}<th role="columnheader"><span class="unseen">{{t.actions}}</span></th>{{/mayAct}}</tr></thead>
        <tbody role="rowgroup">{{#silences}}<tr role="row"><td class="lead" role="cell"><code>{{pattern}}</code></td><td role="cell" data-label="{{t.reason}}">{{reason}}</td><td role="cell" data-label="{{t.by2}}">{{actor}}</td><td role="cell" data-label="{{t.until}}">{{#time}}<time datetime="{{machine}}" title="{{title}}">{{text}}</time>{{/time}}</td>{{#mayAct}}<td class="tight" role="cell"><button class="small" form="act" formaction="/dashboard/alerts/unsilence" name="id" value="{{id}}" aria-label="{{t.endSilence}} {{pattern}}">{{t.endSilence}}</button></td>{{/mayAct}}</tr>{{/silences}}</tbody></table>{{/hasSilences}}{{^hasSilences}}<p class="empty"><strong>{{t.noSilences}}</strong>{{t.noSilencesHint}}</p>{{/hasSilences}}</div>
        <div class="card table"><h2>{{t.trail}}</h2>{{#hasTrail}}<table class="cards" role="table"><thead role="rowgroup"><tr role="row"><th role="columnheader">{{t.when}}</th><th role="columnheader">{{t.what}}</th><th role="columnheader">{{t.alert}}</th><th role="columnheader">{{t.by2}}</th><th role="columnheader">{{t.details}}</th></tr></thead>
        <tbody role="rowgroup">{{#trail}}<tr role="row"><td class="tight" role="cell" data-label="{{t.when}}">{{#time}}<time datetime="{{machine}}" title="{{text}}">{{title}}</time>{{/time}}</td><td role="cell" data-label="{{t.what}}"><span><span class="tag {{kind}}">{{what}}</span></span></td><td role="cell" data-label="{{t.alert}}"><code>{{key}}</code></td><td role="cell" data-label="{{t.by2}}">{{actor}}</td><td role="cell"{{^detail}} class="none"{{/detail}} data-label="{{t.details}}"><span class="note">{{detail}}</span></td></tr>{{/trail}}</tbody></table>{{/hasTrail}}{{^hasTrail}}<p class="empty"><strong>{{t.noTrail}}</strong></p>{{/hasTrail}}</div>
        </div>

        """

    static let alertsLive = """
        <div class="card table"><h2>{{t.openAlerts}}</h2>{{#hasAlerts}}<table class="cards" role="table"><thead role="rowgroup"><tr role="row"><th role="columnheader">{{t.alert}}</th><th role="columnheader">{{t.severity}}</th><th role="columnheader">{{t.state}}</th><th role="columnheader">{{t.since}}</th>{{#mayAct}}<th role="columnheader"><span class="unseen">{{t.actions}}</span></th>{{/mayAct}}</tr></thead>
        <tbody role="rowgroup">{{#alerts}}<tr role="row" id="alert-{{id}}"><td class="lead" role="cell"><strong>{{name}}</strong><span class="sub"><code>{{key}}</code></span></td><td role="cell" data-label="{{t.severity}}"><span><span class="tag {{kind}}">{{severity}}</span></span></td><td role="cell" data-label="{{t.state}}">{{stateText}}</td><td role="cell" class="tight" data-label="{{t.since}}">{{#time}}<time datetime="{{machine}}" title="{{title}}">{{text}}</time>{{/time}}</td>{{#mayAct}}<td class="tight" role="cell"><div class="buttons">{{#mayAcknowledge}}<button class="small" form="act" formaction="/dashboard/alerts/acknowledge" name="id" value="{{id}}" id="ack-{{id}}" aria-label="{{t.acknowledge}}: {{name}}">{{t.acknowledge}}</button>{{/mayAcknowledge}}<a class="button small" href="/dashboard/alerts?pattern={{keyInQuery}}#silence" aria-label="{{t.silence}}: {{name}}">{{t.silence}}</a></div></td>{{/mayAct}}</tr>
        {{/alerts}}</tbody></table>{{/hasAlerts}}{{^hasAlerts}}<p class="empty"><strong>{{t.noAlerts}}</strong>{{t.noAlertsHint}}</p>{{/hasAlerts}}</div>

        """
}
