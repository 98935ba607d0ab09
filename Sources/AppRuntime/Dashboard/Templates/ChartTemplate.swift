extension DashboardTemplates {
    /// A chart, with its numbers as a table behind it for those who do not see it.
    static let chart = """
        <figure class="card chart" id="chart-{{id}}"><figcaption><strong>{{title}}</strong><span class="note">{{summary}}</span></figcaption>
        <div class="plot" aria-hidden="true"><span class="high">{{high}}</span><span class="low">{{low}}</span>
        <svg viewBox="0 0 {{width}} 100" preserveAspectRatio="none" focusable="false"><path class="grid" d="M0 0H{{width}}M0 50H{{width}}" vector-effect="non-scaling-stroke"/>{{#bars}}<rect class="mark {{kind}}" x="{{x}}" y="{{y}}" width="{{w}}" height="{{h}}"/>{{/bars}}{{#lines}}<path class="line {{kind}}" d="{{d}}" vector-effect="non-scaling-stroke"/>{{/lines}}<path class="base" d="M0 100H{{width}}" vector-effect="non-scaling-stroke"/></svg>
        <span class="span"><span>{{from}}</span><span>{{to}}</span></span></div>
        <ul class="legend">{{#series}}<li class="{{kind}}"><i aria-hidden="true"></i><span>{{name}}</span></li>{{/series}}</ul>
        <details class="data" id="data-{{id}}"><summary>{{t.asTable}}<span class="unseen"> {{title}}</span></summary><div class="scroll" tabindex="0" role="region" aria-label="{{title}}"><table><thead><tr><th scope="col">{{t.minute}}</th>{{#series}}<th scope="col" class="n">{{name}}</th>{{/series}}</tr></thead><tbody>{{#rows}}<tr><th scope="row">{{minute}}</th>{{#cells}}<td class="n">{{value}}</td>{{/cells}}</tr>{{/rows}}</tbody></table></div></details></figure>

        """
}
