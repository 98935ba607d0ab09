extension DashboardTemplates {
    /// What stands around every page.
    ///
    /// `body` is HTML of another template of ours; nothing else is ever written unescaped.
    static let layout = """
        <!doctype html>
        <html lang="{{lang}}">
        <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <meta name="color-scheme" content="light dark">
        <title>{{title}} · {{site}}</title>
        <link rel="stylesheet" href="{{style}}">
        <link rel="icon" href="{{icon}}" type="image/svg+xml">
        <script src="{{script}}" defer></script>
        </head>
        <body{{#events}} data-events="{{events}}"{{/events}}>
        <a class="skip" href="#main">{{t.skip}}</a>
        <div class="frame">
        <header class="side"><div>
        <a class="brand" href="/dashboard"><svg viewBox="0 0 20 20" aria-hidden="true"><path fill="currentColor" d="M2 4h16v3H2zm0 5h11v3H2zm0 5h7v3H2z"/></svg>{{site}}</a>
        <nav aria-label="{{t.sections}}"><ul>
        {{#nav}}<li><a href="{{href}}"{{#isCurrent}} aria-current="page"{{/isCurrent}}>{{name}}{{#count}}<span class="count bad">{{count}}</span>{{/count}}</a></li>
        {{/nav}}
        </ul></nav>
        <div class="account">{{#account}}<a href="{{account}}">{{user}}</a>{{/account}}{{^account}}<span>{{user}}</span>{{/account}}
        <ul aria-label="{{t.language}}">{{#languages}}<li>{{#isCurrent}}<span lang="{{tag}}" aria-current="true">{{name}}</span>{{/isCurrent}}{{^isCurrent}}<a href="{{href}}" hreflang="{{tag}}" lang="{{tag}}">{{name}}</a>{{/isCurrent}}</li>{{/languages}}</ul></div>
        </div></header>
        <main id="main" tabindex="-1">
        <div class="head"><h1>{{heading}}</h1>
        <p class="live"><span id="live-state" class="tag" role="status" data-on="{{t.liveOn}}" data-off="{{t.liveOff}}" data-lost="{{t.liveLost}}" hidden>{{t.liveLost}}</span>
        <button type="button" class="small" id="live-toggle" data-pause="{{t.livePause}}" data-resume="{{t.liveResume}}" hidden>{{t.livePause}}</button></p></div>
        {{#message}}<p class="message {{kind}}" role="status">{{text}}</p>{{/message}}
        {{{body}}}
        <p class="foot">{{t.utc}}{{#node}} · {{node}}{{/node}}</p>
        </main>
        </div>
        {{#csrf}}<form id="act" method="post" hidden><input type="hidden" name="_csrf" value="{{csrf}}"><input type="hidden" name="back" value="{{here}}"></form>{{/csrf}}
        </body>
        </html>

        """

    /// What is said in the place of a page: nothing there, not allowed, too slow.
    static let message = """
        <div class="card"><p class="empty">{{#headline}}<strong>{{headline}}</strong>{{/headline}}{{detail}}</p>{{#href}}<p class="buttons"><a class="button" href="{{href}}">{{action}}</a></p>{{/href}}</div>

        """
}
