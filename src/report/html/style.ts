/** The page's look: light and dark, phone and paper. Colours keep a contrast of 4.5 to their background. */
export const STYLE = `
:root{color-scheme:light dark;--bg:#fff;--card:#f6f8fa;--text:#1b1f24;--dim:#57606a;--line:#d0d7de;--red:#b3261e;--amber:#7a5200;--green:#116329;--blue:#0550ae;--all:#0550ae;--some:#6ea8fe;--maybe:#c98a00}
@media(prefers-color-scheme:dark){:root{--bg:#0d1117;--card:#161b22;--text:#e6edf3;--dim:#9aa4af;--line:#30363d;--red:#ff8a80;--amber:#f2cc60;--green:#7ee787;--blue:#79c0ff;--all:#79c0ff;--some:#2f5f9e;--maybe:#b58900}}
*{box-sizing:border-box}body{margin:0 auto;max-width:1080px;padding:0 16px 48px;background:var(--bg);color:var(--text);font:16px/1.5 system-ui,sans-serif;overflow-wrap:anywhere}
h1{font-size:1.6rem;margin:24px 0 4px}h2{font-size:1.25rem;margin:32px 0 8px}h3{font-size:.95rem;margin:12px 0 4px}a{color:var(--blue)}code{font:.85em/1.4 ui-monospace,monospace}.dim{color:var(--dim)}
.skip{position:absolute;left:-999px}.skip:focus{left:8px;top:8px;background:var(--bg);padding:8px}nav{display:flex;flex-wrap:wrap;gap:16px;position:sticky;top:0;background:var(--bg);padding:8px 0;border-bottom:1px solid var(--line);z-index:2}
section{scroll-margin-top:56px}.tiles{display:flex;flex-wrap:wrap;gap:12px;list-style:none;padding:0}.tile{flex:1 1 96px;border:1px solid var(--line);border-radius:8px;padding:10px 14px;background:var(--card)}.tile b{font-size:1.4rem;display:block}
.violated b,.sign.violated{color:var(--red)}.unknown b,.sign.unknown,.unknown-text{color:var(--amber)}.holds b,.sign.holds{color:var(--green)}
.sign,.sev{font-weight:600;flex:0 0 104px}.sign{white-space:nowrap}.sev.critical,.sev.high{color:var(--red)}.sev.medium{color:var(--amber)}.what{flex:1;min-width:0}
details.claim,details.finding{border:1px solid var(--line);border-radius:8px;margin:6px 0;background:var(--card)}details.claim>summary,details.finding>summary{display:flex;gap:10px;cursor:pointer;padding:8px 12px;list-style:none}
summary:focus-visible,a:focus-visible,select:focus-visible,#grid:focus-visible{outline:3px solid var(--blue);outline-offset:2px}.body{padding:0 12px 12px;border-top:1px solid var(--line)}.piece{border-left:3px solid var(--line);padding-left:10px}.piece p{margin:8px 0 0}.reasons{margin:4px 0;padding-left:20px}.worst li{margin:8px 0}
.key{display:inline-block;width:14px;height:14px;border:1px solid var(--line);vertical-align:-2px;margin:0 4px 0 10px}.key.all{background:var(--all)}.key.some{background:var(--some)}.key.maybe{background:var(--maybe)}
select{font:inherit;max-width:100%;background:var(--card);color:var(--text);border:1px solid var(--line);border-radius:6px;padding:4px}#grid{position:relative;overflow:auto;max-height:70vh;border:1px solid var(--line)}#matrix{position:sticky;top:0;left:0;display:block}svg{max-width:100%;height:auto}
@media(max-width:520px){.sign,.sev{flex-basis:100%}details>summary{flex-wrap:wrap}}
@media print{nav,.skip,#grid,label,#cell{display:none}body{max-width:none}details::details-content{content-visibility:visible;block-size:auto}}`;
