extension DashboardTemplates {
    static let overview = """
        <div id="live" class="stack">{{>overview-live}}</div>

        """

    static let overviewLive = """
        <p class="message {{healthKind}}"><strong>{{healthText}}</strong>{{#healthDetail}} {{healthDetail}}{{/healthDetail}}</p>
        <dl class="tiles">{{#tiles}}<div class="{{kind}}"><dt>{{name}}</dt><dd>{{#href}}<a href="{{href}}">{{value}}</a>{{/href}}{{^href}}{{value}}{{/href}}</dd></div>{{/tiles}}</dl>
        <div class="charts">{{#charts}}{{>chart}}{{/charts}}</div>
        <div class="two">
        <section class="card" aria-labelledby="health"><h2 id="health">{{t.health}}</h2>{{^hasComponents}}<p class="note">{{t.noComponents}}</p>{{/hasComponents}}<ul class="health">{{#components}}<li><span class="tag {{kind}}">{{stateText}}</span><strong>{{name}}</strong><span class="note">{{detail}}</span></li>{{/components}}</ul></section>
        <section class="card" aria-labelledby="open"><h2 id="open">{{t.openAlerts}}</h2>{{#hasAlerts}}<ul class="health">{{#alerts}}<li><span class="tag {{kind}}">{{severity}}</span><a href="/dashboard/alerts">{{name}}</a><span class="note">{{#time}}<time datetime="{{machine}}" title="{{title}}">{{text}}</time>{{/time}}</span></li>{{/alerts}}</ul>{{/hasAlerts}}{{^hasAlerts}}<p class="note">{{t.noAlerts}}</p>{{/hasAlerts}}</section>
        </div>

        """
}
