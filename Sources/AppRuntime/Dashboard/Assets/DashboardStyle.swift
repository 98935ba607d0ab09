extension DashboardAsset {
    /// The style sheet of all pages: system fonts, no picture, light and dark, from 320 pixels on.
    static let styleText = """
        :root {
          color-scheme: light dark;
          --ground: #f6f6f4; --surface: #ffffff; --sunken: #efefec; --ink: #1d2126; --muted: #586069;
          --line: #dcddd9; --edge: #8b9096; --accent: #0b5a6a; --on-accent: #ffffff; --focus: #0b5a6a;
          --ok: #17663a; --ok-ground: #e2f1e7; --warn: #7a4d00; --warn-ground: #fbeed3;
          --bad: #a8221b; --bad-ground: #fbe6e4; --info: #1f4f99; --info-ground: #e4ecf9;
          --quiet: #4d545c; --quiet-ground: #e9eae7;
          --sans: system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "Liberation Sans", sans-serif;
          --mono: ui-monospace, "SF Mono", "Cascadia Mono", Menlo, Consolas, "Liberation Mono", monospace;
        }
        @media (prefers-color-scheme: dark) {
          :root {
            --ground: #14171a; --surface: #1b1f23; --sunken: #22272c; --ink: #e5e8eb; --muted: #a3acb5;
            --line: #30363d; --edge: #727b85; --accent: #7accdb; --on-accent: #0c1b1f; --focus: #9adfeb;
            --ok: #82d5a1; --ok-ground: #17301f; --warn: #e8bd63; --warn-ground: #362a12;
            --bad: #ff9d94; --bad-ground: #3b1c1a; --info: #9cc0f5; --info-ground: #1a2940;
            --quiet: #b5bdc6; --quiet-ground: #2a3036;
          }
        }
        *, *::before, *::after { box-sizing: border-box; }
        html { -webkit-text-size-adjust: 100%; text-size-adjust: 100%; }
        body { margin: 0; background: var(--ground); color: var(--ink); font: 0.9375rem/1.5 var(--sans); }
        h1, h2, h3, p, ul, ol, dl, dd, figure { margin: 0; padding: 0; }
        h1 { font-size: 1.375rem; line-height: 1.25; font-weight: 650; letter-spacing: -0.01em; overflow-wrap: anywhere; }
        h2 { font-size: 1rem; line-height: 1.35; font-weight: 650; }
        h3 { font-size: 0.875rem; font-weight: 650; }
        a { color: var(--accent); text-underline-offset: 0.18em; text-decoration-thickness: 1px; }
        a:hover { text-decoration-thickness: 2px; }
        code, pre, .mono { font-family: var(--mono); font-size: 0.8125rem; overflow-wrap: anywhere; }
        :focus-visible { outline: 3px solid var(--focus); outline-offset: 2px; border-radius: 3px; }
        main:focus { outline: none; }
        .skip { position: absolute; left: 0.5rem; top: -4rem; z-index: 9; padding: 0.5rem 0.875rem; background: var(--accent);
          color: var(--on-accent); border-radius: 0 0 6px 6px; }
        .skip:focus { top: 0; }
        .unseen { position: absolute; width: 1px; height: 1px; margin: -1px; overflow: hidden; clip-path: inset(50%);
          white-space: nowrap; }
        [hidden] { display: none !important; }

        .frame { display: grid; grid-template-columns: 13.5rem minmax(0, 1fr); min-height: 100vh; }
        .side { border-right: 1px solid var(--line); padding: 1.125rem 0.75rem; display: flex; flex-direction: column;
          gap: 1.125rem; }
        .side > div { position: sticky; top: 1.125rem; display: flex; flex-direction: column; gap: 1.125rem; }
        .brand { display: flex; align-items: center; gap: 0.5rem; padding: 0 0.5rem; font-weight: 650; color: var(--ink);
          text-decoration: none; overflow-wrap: anywhere; }
        .brand svg { width: 1.25rem; height: 1.25rem; flex: none; color: var(--accent); }
        .side nav ul { list-style: none; display: flex; flex-direction: column; gap: 1px; }
        .side nav a { display: flex; justify-content: space-between; align-items: center; gap: 0.5rem; padding: 0.375rem 0.5rem;
          border-radius: 5px; color: var(--ink); text-decoration: none; }
        .side nav a:hover { background: var(--sunken); }
        .side nav a[aria-current] { background: var(--sunken); font-weight: 650; box-shadow: inset 3px 0 0 var(--accent); }
        .account { padding: 0 0.5rem; font-size: 0.8125rem; color: var(--muted); display: grid; gap: 0.375rem;
          overflow-wrap: anywhere; }
        .account ul { list-style: none; display: flex; gap: 0.875rem; }
        main { padding: 1.125rem 1.5rem 3rem; max-width: 84rem; width: 100%; min-width: 0; }
        .head { display: flex; flex-wrap: wrap; align-items: center; justify-content: space-between; gap: 0.5rem 1rem;
          margin-bottom: 1rem; }
        .live { display: flex; align-items: center; gap: 0.625rem; font-size: 0.8125rem; color: var(--muted); }
        .stack { display: grid; gap: 1.25rem; min-width: 0; }
        .stack > * { min-width: 0; }
        .stack > .message { margin: 0; }
        .card { background: var(--surface); border: 1px solid var(--line); border-radius: 8px; padding: 0.875rem 1rem;
          min-width: 0; }
        .card > h2 { margin-bottom: 0.625rem; }
        .card > .bar + *, .card > .hint, .card > pre { margin-top: 0.625rem; }
        .card > h2 + pre { margin-top: 0; }
        .card > h2 + p { margin-top: -0.375rem; margin-bottom: 0.625rem; }
        .bar { display: flex; flex-wrap: wrap; align-items: center; justify-content: space-between; gap: 0.5rem 1rem; }
        .note, .hint { color: var(--muted); font-size: 0.8125rem; }
        .foot { margin-top: 1.5rem; color: var(--muted); font-size: 0.8125rem; }
        .message { border: 1px solid var(--line); border-left: 4px solid var(--info); background: var(--info-ground);
          color: var(--ink); border-radius: 6px; padding: 0.5rem 0.75rem; margin-bottom: 1rem; overflow-wrap: anywhere; }
        .message.bad { border-left-color: var(--bad); background: var(--bad-ground); }
        .message.warn { border-left-color: var(--warn); background: var(--warn-ground); }
        .message.ok { border-left-color: var(--ok); background: var(--ok-ground); }
        .empty { padding: 1.25rem 1rem; color: var(--muted); text-align: center; }
        .empty + .buttons { justify-content: center; padding-bottom: 1.25rem; }
        .empty strong { display: block; color: var(--ink); font-weight: 650; }

        .tiles { display: grid; grid-template-columns: repeat(4, minmax(0, 1fr)); gap: 1px; background: var(--line);
          border: 1px solid var(--line); border-radius: 8px; overflow: hidden; }
        .tiles > div { background: var(--surface); padding: 0.625rem 0.875rem; display: flex; flex-direction: column-reverse;
          justify-content: flex-end; }
        .tiles dt { font-size: 0.8125rem; color: var(--muted); }
        .tiles dd { font-size: 1.375rem; line-height: 1.3; font-weight: 600; font-variant-numeric: tabular-nums;
          letter-spacing: -0.01em; }
        .tiles dd a { color: inherit; text-decoration-color: var(--edge); }
        .tiles .bad dd { color: var(--bad); } .tiles .warn dd { color: var(--warn); }
        @media (min-width: 72rem) { .tiles { grid-template-columns: repeat(8, minmax(0, 1fr)); } td ul.plain { white-space: nowrap; } }
        .charts { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(22rem, 100%), 1fr)); gap: 1.25rem; }
        .chart figcaption { display: flex; flex-wrap: wrap; justify-content: space-between; gap: 0.125rem 1rem;
          margin-bottom: 0.375rem; }
        .chart figcaption strong { font-weight: 650; }
        .plot { display: grid; grid-template-columns: auto minmax(0, 1fr); gap: 0.25rem 0.5rem; font-size: 0.75rem;
          color: var(--muted); font-variant-numeric: tabular-nums; }
        .plot .high, .plot .low { text-align: right; } .plot .low { align-self: end; }
        .plot svg { grid-column: 2; grid-row: 1 / span 2; width: 100%; height: 7rem; display: block; overflow: visible; }
        .plot .span { grid-column: 2; display: flex; justify-content: space-between; }
        .plot .grid { stroke: var(--line); } .plot .base { stroke: var(--edge); }
        .a { color: var(--accent); } .b { color: var(--bad); } .c { color: var(--edge); }
        .plot .mark { fill: currentColor; } .plot .line { fill: none; stroke: currentColor; stroke-width: 1.75; }
        .legend { display: flex; flex-wrap: wrap; gap: 0.125rem 0.875rem; list-style: none; font-size: 0.8125rem; }
        .legend li { display: flex; align-items: center; gap: 0.375rem; }
        .legend i { width: 0.625rem; height: 0.625rem; border-radius: 2px; background: currentColor; }
        .legend li > span { color: var(--muted); }
        details.data { margin-top: 0.375rem; font-size: 0.8125rem; }
        details.data summary { color: var(--muted); cursor: pointer; }
        .scroll { overflow: auto; max-height: 16rem; }

        table { width: 100%; border-collapse: collapse; font-size: 0.875rem; }
        caption { text-align: left; font-weight: 650; padding-bottom: 0.375rem; }
        th, td { text-align: left; padding: 0.4375rem 0.625rem; vertical-align: top; border-bottom: 1px solid var(--line); }
        th { font-size: 0.75rem; font-weight: 600; color: var(--muted); white-space: nowrap; vertical-align: bottom; }
        td { font-variant-numeric: tabular-nums; overflow-wrap: anywhere; }
        tbody tr:last-child > * { border-bottom: 0; }
        tbody tr:hover > * { background: var(--sunken); }
        th.n, td.n { text-align: right; }
        td.n { white-space: nowrap; }
        th.n { white-space: normal; }
        td.lead { min-width: 11rem; }
        td.tight, th.tight { width: 1%; white-space: nowrap; overflow-wrap: normal; }
        td .sub { display: block; color: var(--muted); font-size: 0.8125rem; }
        td .sub.bad { color: var(--bad); }
        .table { padding: 0.25rem 0.375rem; overflow-x: auto; position: relative; }
        .table > .bar, .table > h2 { padding: 0.625rem 0.625rem 0.25rem; margin: 0; }

        .tag { display: inline-flex; align-items: center; gap: 0.3125rem; padding: 0 0.4375rem; border-radius: 4px;
          font-size: 0.8125rem; line-height: 1.5; white-space: nowrap; background: var(--quiet-ground); color: var(--quiet); }
        .tag::before { content: ""; width: 0.4375rem; height: 0.4375rem; border-radius: 50%; background: currentColor; flex: none; }
        .tag.ok { background: var(--ok-ground); color: var(--ok); } .tag.bad { background: var(--bad-ground); color: var(--bad); }
        .tag.warn { background: var(--warn-ground); color: var(--warn); }
        .tag.info { background: var(--info-ground); color: var(--info); }
        .count { font-size: 0.75rem; font-variant-numeric: tabular-nums; background: var(--quiet-ground); color: var(--quiet);
          border-radius: 9px; padding: 0 0.4375rem; font-weight: 500; }
        .count.bad { background: var(--bad-ground); color: var(--bad); }
        progress { width: 100%; max-width: 9rem; height: 0.5rem; accent-color: var(--accent); }

        .tabs { display: flex; flex-wrap: wrap; gap: 0.25rem; list-style: none; }
        .tabs a { display: flex; gap: 0.375rem; align-items: center; padding: 0.25rem 0.625rem; border-radius: 5px;
          color: var(--ink); text-decoration: none; border: 1px solid transparent; }
        .tabs a:hover { background: var(--sunken); }
        .tabs a[aria-current] { background: var(--surface); border-color: var(--edge); font-weight: 650; }
        form.filter { display: flex; flex-wrap: wrap; gap: 0.5rem 0.75rem; align-items: end; }
        .field { display: grid; gap: 0.1875rem; min-width: 0; }
        .field > span, label.field > span { font-size: 0.8125rem; color: var(--muted); }
        .grow { flex: 1 1 14rem; }
        input, select, textarea, button, .button { font: inherit; color: inherit; }
        input[type=text], input[type=search], input[type=number], input[type=datetime-local], select, textarea {
          width: 100%; min-width: 0; min-height: 2.25rem; padding: 0.3125rem 0.5625rem; background: var(--surface); color: var(--ink);
          border: 1px solid var(--edge); border-radius: 5px; }
        textarea { font-family: var(--mono); font-size: 0.8125rem; min-height: 11rem; resize: vertical; }
        ::placeholder { color: var(--muted); opacity: 1; }
        input[type=checkbox] { width: 1.0625rem; height: 1.0625rem; margin: 0.1875rem 0 0; accent-color: var(--accent); }
        button, .button { display: inline-flex; align-items: center; justify-content: center; min-height: 2.25rem;
          padding: 0.25rem 0.8125rem; border: 1px solid var(--edge); border-radius: 5px; background: var(--surface);
          color: var(--ink); cursor: pointer; text-decoration: none; white-space: nowrap; }
        button:hover, .button:hover { background: var(--sunken); }
        button.main, .button.main { background: var(--accent); border-color: var(--accent); color: var(--on-accent); }
        button.main:hover, .button.main:hover { filter: brightness(1.08); }
        button.danger { color: var(--bad); border-color: var(--bad); }
        button.small, .button.small { min-height: 1.75rem; padding: 0 0.625rem; font-size: 0.8125rem; }
        .buttons { display: flex; flex-wrap: wrap; gap: 0.5rem; align-items: center; }
        .form { display: grid; gap: 0.875rem; max-width: 44rem; }
        .row { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(15rem, 100%), 1fr)); gap: 0.875rem; }
        .form > .hint { margin-top: -0.5rem; }
        td.tight .buttons { flex-wrap: nowrap; }
        .pick { display: flex; gap: 0.5rem; align-items: start; }

        dl.facts { display: grid; grid-template-columns: minmax(7rem, max-content) minmax(0, 1fr); gap: 0.3125rem 1rem;
          font-size: 0.875rem; }
        dl.facts dt { color: var(--muted); } dl.facts dd { overflow-wrap: anywhere; font-variant-numeric: tabular-nums; }
        .two { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(24rem, 100%), 1fr)); gap: 1.25rem; }
        .two > * { min-width: 0; }
        ol.line { list-style: none; font-size: 0.875rem; }
        ol.line li { position: relative; padding: 0 0 0.75rem 1.25rem; border-left: 2px solid var(--line); margin-left: 0.3125rem; }
        ol.line li:last-child { padding-bottom: 0; border-left-color: transparent; }
        ol.line li::before { content: ""; position: absolute; left: -0.375rem; top: 0.4375rem; width: 0.625rem; height: 0.625rem;
          border-radius: 50%; background: var(--edge); border: 2px solid var(--surface); }
        ol.line li.ok::before { background: var(--ok); } ol.line li.bad::before { background: var(--bad); }
        ol.line li.warn::before { background: var(--warn); } ol.line li.info::before { background: var(--info); }
        ol.line .sub { color: var(--muted); }
        ol.line .when { color: var(--muted); font-size: 0.8125rem; display: block; }
        pre { margin: 0; padding: 0.625rem 0.75rem; background: var(--sunken); border-radius: 6px; overflow: auto;
          max-height: 28rem; white-space: pre-wrap; line-height: 1.45; }
        ul.plain { list-style: none; display: grid; gap: 0.25rem; }
        ul.health { list-style: none; display: grid; gap: 0.4375rem; font-size: 0.875rem; }
        ul.health li { display: flex; flex-wrap: wrap; gap: 0.125rem 0.625rem; align-items: baseline; }
        .logs { font-family: var(--mono); font-size: 0.8125rem; line-height: 1.5; max-height: 28rem; overflow: auto;
          background: var(--sunken); border-radius: 6px; padding: 0.5rem 0.75rem; list-style: none; }
        .logs li { display: grid; grid-template-columns: max-content max-content minmax(0, 1fr); gap: 0 0.75rem; }
        .logs time { color: var(--muted); } .logs p { overflow-wrap: anywhere; white-space: pre-wrap; }
        .logs .error { color: var(--bad); } .logs .warning { color: var(--warn); }
        .logs .debug { color: var(--muted); }

        @media (max-width: 64rem) {
          .frame { display: block; }
          .side { border-right: 0; border-bottom: 1px solid var(--line); padding: 0.625rem 0 0; }
          .side > div { position: static; gap: 0.5rem; }
          .brand, .account { padding: 0 0.875rem; }
          .account { grid-template-columns: 1fr auto; align-items: center; order: 2; }
          .side nav { order: 3; overflow-x: auto; }
          .side nav ul { flex-direction: row; padding: 0 0.375rem; }
          .side nav a { white-space: nowrap; border-radius: 5px 5px 0 0; padding: 0.5rem; }
          .side nav a[aria-current] { box-shadow: inset 0 -3px 0 var(--accent); background: none; }
          main { padding: 0.875rem 0.875rem 2.5rem; }
        }
        @media (max-width: 46rem) {
          .card { padding: 0.75rem 0.8125rem; }
          .table { padding: 0; background: none; border: 0; overflow: visible; }
          .table > .bar, .table > h2 { padding: 0 0 0.5rem; }
          .table > .empty { background: var(--surface); border: 1px solid var(--line); border-radius: 8px; }
          table.cards, table.cards tbody { display: block; }
          table.cards thead { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
          table.cards tr { display: block; position: relative; background: var(--surface); border: 1px solid var(--line);
            border-radius: 8px; padding: 0.5rem 0.8125rem; margin-bottom: 0.5rem; }
          table.cards td, table.cards th[scope=row] { display: grid; grid-template-columns: 6.75rem minmax(0, 1fr); gap: 0.625rem;
            border: 0; padding: 0.1875rem 0; text-align: left; white-space: normal; width: auto; }
          table.cards td[data-label]::before, table.cards th[data-label]::before { content: attr(data-label);
            color: var(--muted); font-size: 0.8125rem; font-weight: 400; }
          table.cards td.lead, table.cards th.lead { display: block; font-size: 0.9375rem; color: var(--ink); font-weight: 400; }
          table.cards td.lead::before, table.cards th.lead::before { content: none; }
          table.cards td.pickcell { position: absolute; right: 0.8125rem; top: 0.5rem; padding: 0; display: block; }
          table.cards td.pickcell ~ td.lead { padding-right: 2rem; }
          table.dense tr { display: grid; grid-template-columns: 1fr 1fr; gap: 0.125rem 0.75rem; }
          table.dense td[data-label] { display: block; } table.dense td[data-label]::before { display: block; }
          table.dense td.lead, table.dense td:not([data-label]) { grid-column: 1 / -1; }
          table.cards td:not([data-label]) { display: block; }
          table.cards td.none[data-label] { display: none; }
          td.tight .buttons { flex-wrap: wrap; }
          table.cards tbody tr:hover > * { background: none; }
          .tiles { grid-template-columns: repeat(2, minmax(0, 1fr)); }
          dl.facts { grid-template-columns: minmax(0, 1fr); gap: 0 0; } dl.facts dd { padding-bottom: 0.375rem; }
          .logs li { grid-template-columns: max-content minmax(0, 1fr); } .logs p { grid-column: 1 / -1; }
        }
        @media (prefers-reduced-motion: no-preference) { .skip { transition: top 0.1s; } }
        @media (forced-colors: active) { .tag, .count { border: 1px solid; } [aria-current] { text-decoration: underline; } }
        @media print { .side, .live, .buttons, form { display: none; } .frame { display: block; } }

        """
}
