extension DashboardTemplates {
    static let jobs = """
        <div class="stack">
        <form class="filter" method="get" action="/dashboard/jobs" role="search" aria-label="{{t.findJobs}}">
        {{#state}}<input type="hidden" name="state" value="{{state}}">{{/state}}
        <label class="field grow"><span>{{t.search}}</span><input type="search" name="q" value="{{q}}" placeholder="{{t.searchHint}}" maxlength="200"></label>
        <label class="field"><span>{{t.type}}</span><select name="type"><option value="">{{t.allTypes}}</option>{{#types}}<option value="{{name}}"{{#isCurrent}} selected{{/isCurrent}}>{{name}}</option>{{/types}}</select></label>
        <div class="buttons"><button>{{t.find}}</button>{{#isFiltered}}<a class="button" href="/dashboard/jobs">{{t.clear}}</a>{{/isFiltered}}{{#mayAct}}<a class="button main" href="/dashboard/jobs/new">{{t.newJob}}</a>{{/mayAct}}</div>
        </form>
        <nav aria-label="{{t.states}}"><div id="live">{{>jobs-live}}</div></nav>
        {{#hasJobs}}
        {{^csrf}}<div class="card table">{{/csrf}}
        {{#csrf}}<form method="post" action="/dashboard/jobs/actions" class="card table"><input type="hidden" name="_csrf" value="{{csrf}}"><input type="hidden" name="back" value="{{here}}">
        <div class="bar"><label class="pick" hidden><input type="checkbox" data-all> {{t.selectAll}}</label><div class="buttons" role="group" aria-label="{{t.withSelected}}"><span class="note">{{t.withSelected}}</span>
        <button class="small" name="action" value="retry">{{t.retry}}</button>
        <button class="small danger" name="action" value="cancel" data-confirm="{{t.confirmCancel}}">{{t.cancel}}</button><button class="small danger" name="action" value="discard" data-confirm="{{t.confirmDiscard}}">{{t.discard}}</button></div></div>{{/csrf}}
        <table class="cards dense" role="table"><caption class="unseen">{{caption}}</caption>
        <thead role="rowgroup"><tr role="row">{{#csrf}}<th class="tight" role="columnheader"><span class="unseen">{{t.select}}</span></th>{{/csrf}}<th role="columnheader">{{t.job}}</th><th role="columnheader">{{t.state}}</th><th role="columnheader" class="n">{{t.attempts}}</th><th role="columnheader" class="n">{{t.priority}}</th><th role="columnheader">{{t.when}}</th><th role="columnheader" class="n">{{t.took}}</th></tr></thead>
        <tbody role="rowgroup">
        {{#jobs}}{{>job-row}}
        {{/jobs}}
        </tbody></table>
        {{#csrf}}</form>{{/csrf}}{{^csrf}}</div>{{/csrf}}
        <nav class="buttons" aria-label="{{t.pages}}">{{#first}}<a class="button" href="{{first}}">{{t.firstPage}}</a>{{/first}}{{#next}}<a class="button" rel="next" href="{{next}}">{{t.nextPage}}</a>{{/next}}</nav>
        {{/hasJobs}}
        {{^hasJobs}}<div class="card"><p class="empty"><strong>{{emptyTitle}}</strong>{{emptyText}}</p></div>{{/hasJobs}}
        </div>

        """

    /// A row, which is also sent by itself when its job has changed.
    static let jobRow = """
        <tr role="row" id="job-{{id}}">{{#canPick}}<td class="tight pickcell" role="cell"><input type="checkbox" name="id" value="{{id}}" aria-label="{{t.select}} {{shortID}}"></td>{{/canPick}}<td class="lead" role="cell"><a href="/dashboard/jobs/{{id}}">{{name}}</a><span class="sub"><code>{{shortID}}</code>{{#otherType}} · {{otherType}}{{/otherType}}</span>{{#error}}<span class="sub bad">{{error}}</span>{{/error}}</td><td role="cell" data-label="{{t.state}}"><span><span class="tag {{kind}}">{{stateText}}</span>{{#progress}} <progress max="100" value="{{progress}}" aria-label="{{t.progress}}">{{progress}} %</progress>{{/progress}}</span></td><td class="n" role="cell" data-label="{{t.attempts}}">{{attempts}}</td><td class="n" role="cell" data-label="{{t.priority}}">{{priority}}</td><td role="cell" class="tight" data-label="{{t.when}}">{{#time}}<time datetime="{{machine}}" title="{{title}}">{{text}}</time>{{/time}}</td><td class="n{{^took}} none{{/took}}" role="cell" data-label="{{t.took}}">{{took}}</td></tr>
        """

    static let jobsLive = """
        <ul class="tabs">{{#tabs}}<li><a href="{{href}}"{{#isCurrent}} aria-current="page"{{/isCurrent}}>{{name}}{{#count}}<span class="count{{#isBad}} bad{{/isBad}}">{{count}}</span>{{/count}}</a></li>{{/tabs}}</ul>

        """
}
