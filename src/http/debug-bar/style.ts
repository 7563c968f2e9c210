/** Stands in the bar's own shadow tree: the page's rules do not reach it, nor do these reach the page. */
export const STYLE = `
:host { all: initial; }
* { box-sizing: border-box; }
aside { position: fixed; inset: auto 0 0 auto; z-index: 2147483000; max-width: 100vw; color-scheme: light dark;
  --ink: light-dark(#16233f, #e8edf7); --soft: light-dark(#4a5a78, #a9b6d0); --paper: light-dark(#fffdf5, #141a2b);
  --rule: light-dark(#ddd6c2, #33405f); --mark: light-dark(#8a4b00, #ffc46b); --tint: light-dark(#fbf0d3, #232c45);
  --added: light-dark(#14663a, #7ddba3); --removed: light-dark(#a82312, #ff9b85);
  font: 13px/1.5 system-ui, sans-serif; color: var(--ink); }
details { border: 1px solid var(--rule); border-width: 1px 0 0 1px; border-top-left-radius: 8px; background: var(--paper);
  box-shadow: 0 0 18px rgb(0 0 0 / 14%); overflow: hidden; }
aside:has(details[open]) { left: 0; }
details[open] { border-left-width: 0; border-top-left-radius: 0; }
summary { display: flex; flex-wrap: wrap; gap: 0 14px; padding: 7px 14px; cursor: pointer; list-style: none; }
summary::-webkit-details-marker { display: none; }
summary::before { content: "▴"; color: var(--soft); }
details[open] summary::before { content: "▾"; }
summary:hover, details[open] summary { background: var(--tint); }
:focus-visible { outline: 3px solid var(--mark); outline-offset: -3px; }
.name { font-weight: 700; }
.count { color: var(--mark); font-weight: 600; }
.panel { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(22rem, 100%), 1fr)); gap: 18px 32px;
  max-height: 55vh; padding: 14px 14px 20px; overflow: auto; border-top: 1px solid var(--rule); }
section { min-width: 0; }
h2 { margin: 0 0 6px; color: var(--soft); font: 600 12px/1.5 system-ui, sans-serif; }
h2 span, .age, .note { color: var(--soft); font-weight: 400; }
dl { margin: 0; }
dl > div { display: flex; flex-wrap: wrap; gap: 0 12px; padding: 4px 0; border-top: 1px solid var(--rule); }
dt { flex: 0 0 9.5em; overflow-wrap: anywhere; font: 600 12px/1.6 ui-monospace, monospace; }
.facts > div:first-child { border-top: 0; }
.facts dt { font: inherit; color: var(--soft); }
dd { flex: 1 1 12em; min-width: 0; margin: 0; }
code { display: block; font: 12px/1.6 ui-monospace, monospace; white-space: pre-wrap; overflow-wrap: anywhere; unicode-bidi: isolate; }
del, ins { text-decoration: none; }
del { color: var(--removed); }
del::before { content: "− "; }
ins { color: var(--added); }
ins::before { content: "+ "; }
p { margin: 0; color: var(--soft); }
.note { grid-column: 1 / -1; }
@media print { aside { display: none; } }
@media (forced-colors: active) { details { border-color: CanvasText; } }
`;
