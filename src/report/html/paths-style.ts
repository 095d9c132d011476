/** How attack paths look; colours are those of the page. Every meaning of a colour is also a shape, a sign or a word. */
export const PICTURE_STYLE = `
.paths-graph{display:block;height:auto;font:12px/1.2 system-ui,-apple-system,"Segoe UI",sans-serif}
.paths-graph text{fill:var(--text)}
.paths-graph .box{fill:var(--card);stroke:var(--edge);stroke-width:1.2}
.paths-graph .foothold .box{stroke:var(--blue);stroke-width:2}
.paths-graph .goal .box{stroke:var(--red);stroke-width:2}.paths-graph .goal .rim{fill:none;stroke:var(--red);stroke-width:1}
.paths-graph .kind{font-weight:650}.paths-graph .role{font-size:11px}.paths-graph .foothold .role{fill:var(--blue)}.paths-graph .goal .role{fill:var(--red)}
.paths-graph .link{fill:none;stroke:var(--edge);stroke-width:1.6}.paths-graph .head{fill:var(--edge)}
.paths-graph .choke .link{stroke:var(--all);stroke-width:3}.paths-graph .choke .head{fill:var(--all)}
.paths-graph .also .link{stroke-dasharray:1 4;stroke-linecap:round}
.paths-graph .open .link{stroke-dasharray:6 4}
.paths-graph .badge{fill:var(--bg);stroke:var(--edge);stroke-width:1.2}.paths-graph .choke .badge{stroke:var(--all);stroke-width:2}
.paths-graph .badge-text{font-weight:650;font-size:11px}.paths-graph .proven{fill:var(--red)}.paths-graph .refuted{fill:var(--green)}.paths-graph .unknown{fill:var(--amber)}`;

/** The picture and the words beside it on a page. */
export const PATHS_STYLE = `${PICTURE_STYLE}
.paths{display:grid;grid-template-columns:auto minmax(0,1fr);gap:0 28px;align-items:start}.paths.wide{grid-template-columns:minmax(0,1fr)}
.paths figure{margin:8px 0;min-width:0}.paths figcaption{width:0;min-width:100%}.hops{padding-left:30px}.hops>li{margin:8px 0}.hops .reasons{color:var(--dim)}.choke-points{list-style:none;padding:0}.choke-points b,.choke-sign{color:var(--all)}
@media(max-width:800px){.paths{grid-template-columns:minmax(0,1fr)}}
@media print{details.path>summary{display:block}.paths-graph{max-width:100%}.paths{display:block}}`;
