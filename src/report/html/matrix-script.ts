/**
 * Draws the reachability matrix. Only the cells in view are drawn, so its size does not matter; namespaces stand for
 * their workloads until one is chosen.
 */
export const MATRIX_SCRIPT = `
(() => {
const d = JSON.parse(document.getElementById('matrix-data').textContent);
const n = d.workloads.length, cells = d.rows.map(r => { const a = new Uint32Array(n); let x = 0; for (let i = 0; i < r.length; i += 2) { a.fill(r[i + 1], x, x + r[i]); x += r[i]; } return a; });
const byNs = new Map(); d.workloads.forEach((w, i) => { const k = w.slice(0, w.indexOf('/')); (byNs.get(k) || byNs.set(k, []).get(k)).push(i); });
const grid = document.getElementById('grid'), canvas = document.getElementById('matrix'), space = document.getElementById('space'), out = document.getElementById('cell');
const pick = { rows: document.getElementById('rows'), columns: document.getElementById('columns') };
const option = (s, v, t) => { const o = document.createElement('option'); o.value = v; o.textContent = t; s.append(o); };
for (const s of Object.values(pick)) { option(s, '', 'namespaces'); option(s, '*', 'all workloads'); for (const k of byNs.keys()) option(s, k, 'workloads of ' + k); if (n <= 60) s.value = '*'; s.onchange = layout; }
let R = [], C = [], at = [0, 0], left = 0, top = 0;
const size = 18;
const list = v => v === '' ? [...byNs].map(([k, m]) => ({ name: k + '/', members: m })) : (v === '*' ? d.workloads.map((_, i) => i) : byNs.get(v)).map(i => ({ name: d.workloads[i], members: [i] }));
function value(r, c) { let all = 1, some = 0, maybe = 0; for (const i of r.members) for (const j of c.members) { if (i === j) continue; const v = cells[i][j]; if (v === 1) { maybe = 1; all = 0; } else if (v) { some = 1; if (d.ports[v] !== 'All Connections') all = 0; } else all = 0; } return some ? (all ? 3 : 2) : maybe; }
function words(r, c) { if (r === c || (r.members.length === 1 && r.members[0] === c.members[0])) return r.name + ' is the same'; if (r.members.length === 1 && c.members.length === 1) { const v = cells[r.members[0]][c.members[0]]; return r.name + ' to ' + c.name + ': ' + (v === 0 ? (d.exact ? 'no connection' : 'no certain connection') : v === 1 ? '? undecided' : d.ports[v]); } return r.name + ' to ' + c.name + ': ' + ['no certain connection', '? undecided', 'some connections', 'every port of every workload'][value(r, c)]; }
function layout() { R = list(pick.rows.value); C = list(pick.columns.value); at = [0, 0]; left = Math.min(220, Math.max(90, grid.clientWidth * .3)); top = 110; space.style.width = left + C.length * size + 'px'; space.style.height = top + R.length * size + 'px'; space.style.marginTop = -canvas.clientHeight + 'px'; grid.scrollTo(0, 0); draw(); }
function draw() {
  const w = grid.clientWidth, h = Math.min(innerHeight * .7, top + R.length * size + 2), k = devicePixelRatio || 1;
  canvas.width = w * k; canvas.height = h * k; canvas.style.width = w + 'px'; canvas.style.height = h + 'px'; space.style.marginTop = -h + 'px';
  const g = canvas.getContext('2d'), css = getComputedStyle(document.documentElement), v = x => css.getPropertyValue(x).trim(); g.scale(k, k); g.font = '12px system-ui';
  const paint = ['', v('--maybe'), v('--some'), v('--all')], sx = grid.scrollLeft, sy = grid.scrollTop;
  const r0 = Math.floor(sy / size), c0 = Math.floor(sx / size), r1 = Math.min(R.length, r0 + Math.ceil((h - top) / size) + 1), c1 = Math.min(C.length, c0 + Math.ceil((w - left) / size) + 1);
  g.save(); g.beginPath(); g.rect(left, top, w - left, h - top); g.clip();
  for (let i = r0; i < r1; i++) for (let j = c0; j < c1; j++) { const x = left + j * size - sx, y = top + i * size - sy, c = value(R[i], C[j]); if (c) { g.fillStyle = paint[c]; g.fillRect(x + 1, y + 1, size - 2, size - 2); if (c === 1) { g.fillStyle = v('--bg'); g.fillText('?', x + 6, y + 14); } } g.strokeStyle = v('--line'); g.strokeRect(x + .5, y + .5, size, size); if (i === at[0] && j === at[1]) { g.strokeStyle = v('--red'); g.lineWidth = 2; g.strokeRect(x + 1, y + 1, size - 2, size - 2); g.lineWidth = 1; } }
  g.restore(); g.fillStyle = v('--text');
  g.save(); g.beginPath(); g.rect(0, top, left - 4, h - top); g.clip(); for (let i = r0; i < r1; i++) g.fillText(R[i].name, 4, top + i * size - sy + 13); g.restore();
  g.save(); g.beginPath(); g.rect(left, 0, w - left, top - 2); g.clip(); for (let j = c0; j < c1; j++) { g.save(); g.translate(left + j * size - sx + 13, top - 4); g.rotate(-Math.PI / 2); g.fillText(C[j].name, 0, 0); g.restore(); } g.restore();
}
function say() { out.textContent = R[at[0]] && C[at[1]] ? words(R[at[0]], C[at[1]]) : ''; draw(); }
grid.onscroll = draw; addEventListener('resize', layout); matchMedia('(prefers-color-scheme:dark)').addEventListener('change', draw);
grid.onmousemove = ev => { const b = grid.getBoundingClientRect(), i = Math.floor((ev.clientY - b.top - top + grid.scrollTop) / size), j = Math.floor((ev.clientX - b.left - left + grid.scrollLeft) / size); if (R[i] && C[j] && ev.clientY - b.top > top && ev.clientX - b.left > left) { at = [i, j]; say(); } };
grid.onkeydown = ev => { const m = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] }[ev.key]; if (!m) return; ev.preventDefault(); at = [Math.max(0, Math.min(R.length - 1, at[0] + m[0])), Math.max(0, Math.min(C.length - 1, at[1] + m[1]))]; grid.scrollTo(Math.max(0, (at[1] + 4) * size + left - grid.clientWidth), Math.max(0, (at[0] + 4) * size + top - grid.clientHeight)); say(); };
layout();
})();`;
