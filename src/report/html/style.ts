import { PATHS_STYLE } from './paths-style.ts';

/** Names of colours, in light and in dark. */
export const COLOURS = `
:root{color-scheme:light dark;--bg:#fff;--card:#f6f8fa;--text:#1b1f24;--dim:#57606a;--line:#d0d7de;--edge:#7d8590;--red:#b3261e;--amber:#7a5200;--green:#116329;--blue:#0550ae;--red-bg:#fdeceb;--amber-bg:#fff5d6;--green-bg:#e6f6ea;--all:#b4540a;--some:#2b6cb0;--maybe:#8d6b00;--shade:#b3261e26}
@media(prefers-color-scheme:dark){:root{--bg:#0d1117;--card:#161b22;--text:#e6edf3;--dim:#9aa4af;--line:#30363d;--edge:#7d8590;--red:#ff8a80;--amber:#f2cc60;--green:#7ee787;--blue:#79c0ff;--red-bg:#3a1614;--amber-bg:#332701;--green-bg:#0f2d18;--all:#f0883e;--some:#58a6ff;--maybe:#d4a72c;--shade:#ff8a8033}}`;

/**
 * The page's look: light and dark, phone and paper, no network. Text keeps a contrast of at least 4.5 to every background it
 * stands on, and lines that mean something 3 (WCAG 2.2, 1.4.3 and 1.4.11); e2e/report/accessibility.ts computes them.
 */
export const STYLE = `${COLOURS}
*{box-sizing:border-box}
html{scroll-padding-top:56px}
body{margin:0 auto;max-width:1080px;padding:0 16px 48px;background:var(--bg);color:var(--text);font:16px/1.5 system-ui,-apple-system,"Segoe UI",sans-serif;overflow-wrap:anywhere}
h1{font-size:clamp(1.3rem,1rem + 2.4vw,1.75rem);line-height:1.25;margin:4px 0 8px}
h2{font-size:1.3rem;margin:40px 0 8px;padding-top:8px;border-top:1px solid var(--line)}
h3{font-size:1.05rem;margin:20px 0 6px}
h4{font-size:.95rem;margin:14px 0 4px}
p{margin:8px 0}
a{color:var(--blue)}
code,kbd{font:.86em/1.4 ui-monospace,SFMono-Regular,Menlo,monospace}
pre{background:var(--card);border:1px solid var(--line);border-radius:6px;padding:8px 12px;margin:6px 0;white-space:pre-wrap}
ul,ol{padding-left:22px;margin:6px 0}
.dim{color:var(--dim)}small{font-size:.86rem}
:focus-visible{outline:3px solid var(--blue);outline-offset:2px;border-radius:4px}
.skip{position:absolute;left:-9999px}.skip:focus{left:8px;top:8px;background:var(--bg);padding:8px 12px;z-index:9}
header{padding-top:24px}.product{color:var(--dim);font-weight:600;margin:0}
.verdict{font-size:1.2rem;font-weight:600;margin:12px 0}
.tiles{display:grid;grid-template-columns:repeat(auto-fit,minmax(140px,1fr));gap:12px;list-style:none;padding:0;margin:16px 0}
.tile{border:1px solid var(--line);border-left:5px solid var(--edge);border-radius:8px;padding:10px 14px;background:var(--card)}
.tile b{font-size:1.5rem;display:block;line-height:1.3}
.tile.violated{border-left-color:var(--red)}.tile.unknown{border-left-color:var(--amber)}.tile.holds{border-left-color:var(--green)}
nav{position:sticky;top:0;background:var(--bg);border-bottom:1px solid var(--line);z-index:2;margin:0 -16px;padding:0 16px}
nav ul{display:flex;gap:4px 18px;list-style:none;padding:10px 0;margin:0;overflow-x:auto;white-space:nowrap}
.violated-text,.sign.violated,.sign.fail,.sev.critical,.sev.high{color:var(--red)}
.unknown-text,.sign.unknown,.sev.medium{color:var(--amber)}
.sign.holds,.sign.pass{color:var(--green)}
.sign,.sev{font-weight:650;white-space:nowrap}
.badge{display:inline-block;border:1px solid var(--line);border-radius:10px;padding:0 8px;font-size:.8rem;color:var(--dim)}
.worst{list-style:none;padding:0;counter-reset:worst}
.worst>li{counter-increment:worst;position:relative;padding:8px 0 8px 40px;border-bottom:1px solid var(--line)}
.worst>li::before{content:counter(worst);position:absolute;left:0;top:9px;width:28px;height:28px;border-radius:50%;background:var(--card);border:1px solid var(--line);text-align:center;font-weight:650}
.entries{list-style:none;padding:0;margin:8px 0}
.entries>li{margin:6px 0}
details.entry{border:1px solid var(--line);border-radius:8px;background:var(--card)}
details.entry>summary{display:grid;grid-template-columns:104px 1fr;gap:0 12px;cursor:pointer;padding:9px 12px;list-style:none}
details.entry>summary::-webkit-details-marker{display:none}
details.entry>summary .what{min-width:0}
details.entry>summary .what::after{content:" ▸";color:var(--dim)}
details.entry[open]>summary .what::after{content:" ▾"}
details.entry>summary .meta{grid-column:2}
details.entry.violated,details.entry.fail{border-left:4px solid var(--red)}details.entry.unknown{border-left:4px solid var(--amber)}details.entry.holds{border-left:4px solid var(--green)}
.body{padding:2px 12px 12px;border-top:1px solid var(--line);background:var(--bg);border-radius:0 0 8px 8px}
details.more>summary{cursor:pointer;color:var(--blue);padding:6px 0}
.reasons{margin:4px 0}
.reasons code{color:var(--dim)}
.scroll{overflow-x:auto;background:linear-gradient(90deg,var(--bg) 40%,transparent) 0/36px 100% no-repeat local,linear-gradient(270deg,var(--bg) 40%,transparent) 100%/36px 100% no-repeat local,linear-gradient(90deg,var(--edge),transparent) 0/9px 100% no-repeat,linear-gradient(270deg,var(--edge),transparent) 100%/9px 100% no-repeat}
table{border-collapse:collapse;width:100%;margin:8px 0;font-size:.92rem}
th,td{text-align:left;vertical-align:top;padding:5px 10px 5px 0;border-bottom:1px solid var(--line)}
th{color:var(--dim);font-weight:600}
@media(min-width:561px){.stack td,.stack th{overflow-wrap:break-word}.stack td:not(:last-child){min-width:7.5em}}
caption{text-align:left;color:var(--dim);padding:4px 0}
.tools{display:flex;flex-wrap:wrap;gap:10px 16px;align-items:end;margin:10px 0}
.tools>*{min-width:0}.tools label{display:grid;max-width:100%;gap:2px;font-size:.86rem;color:var(--dim)}
select,input[type=search]{font:inherit;width:100%;min-width:0;max-width:100%;min-height:36px;background:var(--bg);color:var(--text);border:1px solid var(--edge);border-radius:6px;padding:4px 8px}
.key{display:inline-block;width:14px;height:14px;border:1px solid var(--edge);vertical-align:-2px;margin:0 5px 0 0;text-align:center;font:10px/13px sans-serif}
.key.all{background:var(--all)}.key.some{background:linear-gradient(135deg,var(--some) 50%,var(--bg) 50%)}.key.maybe{color:var(--text)}
.legend{display:flex;flex-wrap:wrap;gap:4px 18px;list-style:none;padding:0;font-size:.9rem}
#grid{position:relative;overflow:auto;max-height:70vh;border:1px solid var(--edge);border-radius:6px}
#matrix{position:sticky;top:0;left:0;display:block}
#cell{min-height:3em;font-weight:600}
figure{margin:12px 0}
.chart-title{font-size:.75rem;font-weight:600;color:var(--dim);margin:10px 0 8px 46px}
.chart{position:relative;height:96px;border-left:1px solid var(--edge);border-bottom:1px solid var(--edge);margin:4px 0 0 46px}
.chart svg{position:absolute;inset:0;width:100%;height:100%;overflow:visible}
.chart .tick{position:absolute;left:-50px;width:44px;text-align:right;white-space:nowrap;font-size:.75rem;line-height:1;color:var(--dim);transform:translateY(-50%)}.tick.top{top:0}.tick.middle{top:50%}.tick.bottom{top:100%}
.axis{display:flex;justify-content:space-between;margin-left:46px;font-size:.75rem;color:var(--dim)}
.curve{fill:none;stroke:var(--blue);stroke-width:1;vector-effect:non-scaling-stroke}
.look{fill:none;stroke:var(--blue);stroke-width:6;stroke-linecap:round;vector-effect:non-scaling-stroke}
.limit{stroke:var(--amber);stroke-width:1.5;stroke-dasharray:5 4;vector-effect:non-scaling-stroke}
.fault{fill:var(--shade)}.fault-edge{stroke:var(--red);stroke-width:1.5;stroke-dasharray:2 3;vector-effect:non-scaling-stroke}
footer{margin-top:48px;border-top:1px solid var(--line);color:var(--dim);font-size:.86rem}
[hidden]{display:none!important}
@media(max-width:560px){body{font-size:15px}.scroll table:not(.stack){min-width:34rem;overflow-wrap:normal}details.entry>summary{grid-template-columns:1fr}details.entry>summary .meta{grid-column:1}.tiles{grid-template-columns:repeat(3,1fr)}.tile{padding:8px 10px}
.stack thead{position:absolute;left:-9999px}.stack tr{display:block;border-bottom:1px solid var(--line);padding:6px 0}.stack td{display:block;border:0;padding:1px 0}.stack td[data-label]::before{content:attr(data-label) ": ";color:var(--dim)}}
@media(prefers-reduced-motion:no-preference){html{scroll-behavior:smooth}}
@media print{body{max-width:none;font-size:10.5pt;padding:0}nav,.skip,.tools,#grid,#cell,.screen{display:none!important}h2{break-after:avoid}.entries>li,tr,figure,.worst>li{break-inside:avoid}details::details-content{content-visibility:visible;block-size:auto;height:auto}details.more>summary{display:none}details.entry>summary .what::after{content:""!important}a{color:inherit;text-decoration:none}.print-only{display:block!important}}
.print-only{display:none}
${PATHS_STYLE}`;
