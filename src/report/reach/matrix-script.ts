/**
 * Draws the reachability matrix and answers for one workload in words. Only the cells in view are drawn and only they are worked
 * out, each once, so that 2,000 by 2,000 is no more work than 20 by 20. Namespaces stand for their workloads until one is chosen.
 */
export const MATRIX_SCRIPT = `
(() => {
  const data = JSON.parse(document.getElementById('matrix-data').textContent);
  const n = data.workloads.length;
  const by = (id) => document.getElementById(id);
  const grid = by('grid'), canvas = by('matrix'), space = by('space'), cell = by('cell'), words = by('words'), one = by('one');
  const pick = { rows: by('rows'), columns: by('columns') };
  const unrolled = new Map();
  const cellsOf = (row) => {
    const pattern = data.rows[row];
    let cells = unrolled.get(pattern);
    if (!cells) {
      cells = new Uint32Array(n);
      const runs = data.patterns[pattern];
      for (let at = 0, x = 0; at < runs.length; at += 2) { cells.fill(runs[at + 1], x, x + runs[at]); x += runs[at]; }
      unrolled.set(pattern, cells);
    }
    return cells;
  };
  const namespaces = new Map();
  data.workloads.forEach((name, index) => {
    const key = name.slice(0, name.indexOf('/'));
    if (!namespaces.has(key)) namespaces.set(key, []);
    namespaces.get(key).push(index);
  });
  const option = (select, value, text) => { const made = document.createElement('option'); made.value = value; made.textContent = text; select.append(made); };
  for (const select of Object.values(pick)) {
    option(select, '', 'namespaces');
    option(select, '*', 'all workloads');
    for (const key of namespaces.keys()) option(select, key, 'workloads of ' + key);
    select.value = n <= 60 ? '*' : namespaces.size === 1 ? '*' : '';
    select.addEventListener('change', layout);
  }
  option(one, '', 'choose …');
  data.workloads.forEach((name, index) => option(one, String(index), name));
  by('matrix-tools').hidden = false;
  by('ask').hidden = false;

  const SIZE = 18, TOP = 120;
  let R = [], C = [], at = [0, 0], left = 0, known = new Map();
  const chosen = (value) => value === '' ? [...namespaces].map(([key, members]) => ({ name: key + '/', members })) : (value === '*' ? data.workloads.map((_, index) => index) : namespaces.get(value)).map((index) => ({ name: data.workloads[index], members: [index] }));
  /* 0 nothing, 1 undecided, 2 some, 3 every port of every pair */
  function valueAt(i, j) {
    const key = i * C.length + j;
    let value = known.get(key);
    if (value === undefined) known.set(key, value = valueOf(R[i].members, C[j].members));
    return value;
  }
  function valueOf(rows, columns) {
    let all = true, some = false, maybe = false;
    for (const i of rows) {
      const cells = cellsOf(i);
      for (const j of columns) {
        if (i === j) continue;
        const value = cells[j];
        if (value > 1) { some = true; if (data.ports[value] !== 'All Connections') all = false; }
        else { all = false; if (value === 1) maybe = true; }
      }
    }
    return some ? (all ? 3 : 2) : maybe ? 1 : 0;
  }
  const portsOf = (value) => value === 0 ? (data.exact ? 'no connection' : 'no certain connection') : value === 1 ? '? undecided' : data.ports[value];
  function sayCell(i, j) {
    const row = R[i], column = C[j];
    if (row.members.length === 1 && column.members.length === 1) {
      if (row.members[0] === column.members[0]) return row.name + ' is the same workload';
      return row.name + ' → ' + column.name + ': ' + portsOf(cellsOf(row.members[0])[column.members[0]]);
    }
    return row.name + ' → ' + column.name + ': ' + ['no certain connection', '? undecided', 'some connections', 'every port of every workload'][valueAt(i, j)];
  }
  function layout() {
    R = chosen(pick.rows.value);
    C = chosen(pick.columns.value);
    at = [0, 0];
    known = new Map();
    left = Math.round(Math.min(240, Math.max(110, grid.clientWidth * 0.32)));
    space.style.width = left + C.length * SIZE + 'px';
    space.style.height = TOP + R.length * SIZE + 'px';
    grid.scrollTo(0, 0);
    draw();
  }
  let waiting = false;
  const drawSoon = () => { if (!waiting) { waiting = true; requestAnimationFrame(() => { waiting = false; draw(); }); } };
  function draw() {
    const w = grid.clientWidth, h = Math.round(Math.min(innerHeight * 0.7, TOP + R.length * SIZE + 2)), k = devicePixelRatio || 1;
    canvas.width = w * k; canvas.height = h * k;
    canvas.style.width = w + 'px'; canvas.style.height = h + 'px';
    space.style.marginTop = -h + 'px';
    const g = canvas.getContext('2d'), css = getComputedStyle(document.documentElement), v = (name) => css.getPropertyValue(name).trim();
    g.scale(k, k);
    g.font = '12px system-ui, sans-serif';
    const sx = grid.scrollLeft, sy = grid.scrollTop;
    const r0 = Math.floor(sy / SIZE), c0 = Math.floor(sx / SIZE), r1 = Math.min(R.length, r0 + Math.ceil((h - TOP) / SIZE) + 1), c1 = Math.min(C.length, c0 + Math.ceil((w - left) / SIZE) + 1);
    const some = v('--some'), all = v('--all'), text = v('--text'), line = v('--line'), card = v('--card'), dim = v('--dim');
    g.save();
    g.beginPath(); g.rect(left, TOP, w - left, h - TOP); g.clip();
    for (let i = r0; i < r1; i++) for (let j = c0; j < c1; j++) {
      const x = left + j * SIZE - sx, y = TOP + i * SIZE - sy, value = valueAt(i, j);
      if (R[i].members[0] === C[j].members[0] && R[i].members.length === 1 && C[j].members.length === 1) { g.fillStyle = card; g.fillRect(x, y, SIZE, SIZE); }
      if (value === 3) { g.fillStyle = all; g.fillRect(x + 2, y + 2, SIZE - 4, SIZE - 4); }
      if (value === 2) { g.fillStyle = some; g.beginPath(); g.moveTo(x + 2, y + 2); g.lineTo(x + SIZE - 2, y + 2); g.lineTo(x + 2, y + SIZE - 2); g.fill(); }
      if (value === 1) { g.fillStyle = text; g.fillText('?', x + 6, y + 13); }
      g.strokeStyle = line; g.strokeRect(x + 0.5, y + 0.5, SIZE, SIZE);
    }
    const fx = left + at[1] * SIZE - sx, fy = TOP + at[0] * SIZE - sy;
    g.strokeStyle = text; g.lineWidth = 2; g.strokeRect(fx + 1, fy + 1, SIZE - 1, SIZE - 1); g.lineWidth = 1;
    g.restore();
    const label = (entry) => entry.name.replace(/\\[\\w+\\]$/, '');
    const short = (name, room) => { let cut = name; while (cut.length > 4 && g.measureText(cut).width > room) cut = cut.slice(0, -2); return cut === name ? name : cut.slice(0, -1) + '…'; };
    g.save(); g.beginPath(); g.rect(0, TOP, left - 4, h - TOP); g.clip();
    for (let i = r0; i < r1; i++) { g.fillStyle = i === at[0] ? text : dim; g.fillText(short(label(R[i]), left - 12), 6, TOP + i * SIZE - sy + 13); }
    g.restore();
    g.save(); g.beginPath(); g.rect(left, 0, w - left, TOP - 2); g.clip();
    for (let j = c0; j < c1; j++) { g.save(); g.translate(left + j * SIZE - sx + 13, TOP - 5); g.rotate(-Math.PI / 2); g.fillStyle = j === at[1] ? text : dim; g.fillText(short(label(C[j]), TOP - 12), 0, 0); g.restore(); }
    g.restore();
  }
  const say = () => { if (R.length && C.length) cell.textContent = sayCell(at[0], at[1]); drawSoon(); };
  function moveTo(i, j) {
    at = [Math.max(0, Math.min(R.length - 1, i)), Math.max(0, Math.min(C.length - 1, j))];
    const w = grid.clientWidth - left, h = grid.clientHeight - TOP;
    const x = Math.min(Math.max(grid.scrollLeft, (at[1] + 1) * SIZE - w + 2), at[1] * SIZE), y = Math.min(Math.max(grid.scrollTop, (at[0] + 1) * SIZE - h + 2), at[0] * SIZE);
    grid.scrollTo(x, y);
    say();
  }
  grid.addEventListener('scroll', drawSoon);
  addEventListener('resize', layout);
  matchMedia('(prefers-color-scheme:dark)').addEventListener('change', draw);
  grid.addEventListener('mousemove', (event) => {
    const box = grid.getBoundingClientRect(), px = event.clientX - box.left - left, py = event.clientY - box.top - TOP;
    const i = Math.floor((py + grid.scrollTop) / SIZE), j = Math.floor((px + grid.scrollLeft) / SIZE);
    if (px >= 0 && py >= 0 && R[i] && C[j] && (at[0] !== i || at[1] !== j)) { at = [i, j]; say(); }
  });
  grid.addEventListener('focus', say);
  grid.addEventListener('keydown', (event) => {
    const [i, j] = at;
    const to = { ArrowUp: [i - 1, j], ArrowDown: [i + 1, j], ArrowLeft: [i, j - 1], ArrowRight: [i, j + 1], PageUp: [i - 10, j], PageDown: [i + 10, j], Home: [event.ctrlKey ? 0 : i, 0], End: [event.ctrlKey ? R.length - 1 : i, C.length - 1] }[event.key];
    if (!to) return;
    event.preventDefault();
    moveTo(to[0], to[1]);
  });
  one.addEventListener('change', () => {
    words.replaceChildren();
    if (one.value === '') return;
    const index = Number(one.value);
    const out = [...cellsOf(index)].flatMap((value, to) => value && to !== index ? [data.workloads[to] + ': ' + portsOf(value)] : []);
    const into = data.workloads.flatMap((name, from) => { const value = cellsOf(from)[index]; return value && from !== index ? [name + ': ' + portsOf(value)] : []; });
    for (const [title, lines] of [['It reaches', out], ['It is reached by', into]]) {
      const heading = document.createElement('h3'), list = document.createElement('ul');
      heading.textContent = title + ' (' + lines.length + ')';
      for (const line of lines.length ? lines : ['nobody for certain']) { const item = document.createElement('li'); item.textContent = line; list.append(item); }
      words.append(heading, list);
    }
  });
  layout();
})();`;
