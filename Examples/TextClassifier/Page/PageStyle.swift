import ExampleParts

extension ReportPage {
  /// How the page looks, by day and by night, on a telephone and on a desk.
  static let style: HTML = """
    :root {
      color-scheme: light dark;
      --page: #ffffff; --box: #f5f6f7; --line: #d5d8dc; --text: #1b1d1f; --quiet: #585e66;
      --right: #0b62a8; --wrong: #b3400a;
    }
    @media (prefers-color-scheme: dark) {
      :root {
        --page: #14171a; --box: #1f2327; --line: #40464d; --text: #e9ebed; --quiet: #a9b0b8;
        --right: #6bb5f0; --wrong: #ff9d5c;
      }
    }
    * { box-sizing: border-box; }
    html { -webkit-text-size-adjust: 100%; text-size-adjust: 100%; }
    body {
      margin: 0 auto; max-width: 92rem; padding: 1rem; background: var(--page); color: var(--text);
      font: 1rem/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "DejaVu Sans", sans-serif;
      overflow-wrap: anywhere;
    }
    h1 { font-size: 1.6rem; line-height: 1.2; margin: 0.5rem 0 1rem; }
    h2 { font-size: 1.25rem; line-height: 1.2; margin: 2.5rem 0 0.5rem; border-top: 1px solid var(--line); padding-top: 1rem; }
    h3 { font-size: 1rem; line-height: 1.35; margin: 0 0 0.5rem; }
    p { margin: 0.5rem 0; max-width: 46rem; }
    a { color: var(--right); }
    .quiet, caption, figcaption { color: var(--quiet); font-size: 0.9rem; }
    .warning { border-left: 4px solid var(--wrong); padding-left: 0.75rem; }
    .tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(8.5rem, 1fr)); gap: 0.75rem; margin: 0 0 1rem; }
    .tiles > div { background: var(--box); border: 1px solid var(--line); border-radius: 6px; padding: 0.5rem 0.75rem; }
    dt { color: var(--quiet); font-size: 0.85rem; }
    dd { margin: 0; font-size: 1.25rem; font-variant-numeric: tabular-nums; }
    nav ul { display: flex; flex-wrap: wrap; gap: 0.25rem 1rem; list-style: none; margin: 0; padding: 0; }
    .charts { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 22rem), 1fr)); gap: 1.5rem; }
    figure { margin: 0; min-width: 0; }
    figure > svg { display: block; width: 100%; max-width: 36rem; height: auto; }
    .cards { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 22rem), 1fr)); gap: 0.75rem; }
    .cards { list-style: none; margin: 0.75rem 0; padding: 0; }
    .cards > li { background: var(--box); border: 1px solid var(--line); border-radius: 6px; padding: 0.75rem; min-width: 0; }
    .cards ul { list-style: none; margin: 0; padding: 0; }
    .cards li li { border-top: 1px solid var(--line); padding: 0.35rem 0; }
    .cards li li:last-child { padding-bottom: 0; }
    .cards .quiet { display: block; }
    .scroll { overflow-x: auto; max-width: 100%; }
    .scroll:focus-visible { outline: 2px solid var(--right); outline-offset: 2px; }
    .tall { max-height: 34rem; overflow-y: auto; }
    table { border-collapse: collapse; font-variant-numeric: tabular-nums; overflow-wrap: normal; }
    caption { text-align: left; padding: 0.25rem 0; }
    th, td { border-bottom: 1px solid var(--line); padding: 0.25rem 0.75rem 0.25rem 0; text-align: right; }
    th { font-weight: 600; }
    th:first-child, td:first-child, .values td { text-align: left; }
    tbody th { font-weight: 400; }
    .values td { overflow-wrap: anywhere; min-width: 9rem; }
    thead th { position: sticky; top: 0; background: var(--page); vertical-align: bottom; }
    svg text { fill: var(--text); font-size: 12px; }
    svg .quiet { fill: var(--quiet); font-size: 12px; }
    svg .axis { stroke: var(--line); fill: none; }
    svg .right { fill: var(--right); }
    svg .wrong { fill: var(--wrong); }
    svg .curve { stroke: var(--right); stroke-width: 2; fill: none; stroke-linejoin: round; }
    svg .even { stroke: var(--quiet); stroke-dasharray: 5 4; fill: none; }
    svg .mean { stroke: var(--wrong); stroke-width: 3; }
    @media (max-width: 30rem) { th, td { padding-right: 0.5rem; } }
    @media print { body { max-width: none; } .scroll { overflow: visible; max-height: none; } }

    """
}
