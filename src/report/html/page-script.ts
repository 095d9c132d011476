/**
 * What the page does beyond its text: filters its entries, opens the one an address names, and opens all of them for paper.
 * Without it every entry is shown.
 */
export const PAGE_SCRIPT = `
(() => {
  const entries = [...document.querySelectorAll('[data-filter]')];
  for (const tools of document.querySelectorAll('.tools[data-for]')) {
    const list = entries.filter((entry) => entry.dataset.filter === tools.dataset.for);
    const text = tools.querySelector('input'), select = tools.querySelector('select'), count = tools.querySelector('output');
    const apply = () => {
      const words = text.value.toLowerCase().split(/\\s+/).filter(Boolean);
      let shown = 0;
      for (const entry of list) {
        const fits = (select.value === '' || entry.dataset.word === select.value) && words.every((word) => entry.textContent.toLowerCase().includes(word));
        entry.hidden = !fits;
        if (fits) shown++;
      }
      for (const group of document.querySelectorAll('[data-group="' + tools.dataset.for + '"]')) {
        const some = group.querySelector('[data-filter]:not([hidden])') !== null;
        group.hidden = !some;
        if (some && words.length > 0 && group instanceof HTMLDetailsElement) group.open = true;
      }
      count.textContent = shown + ' of ' + list.length + ' shown';
    };
    text.addEventListener('input', apply);
    select.addEventListener('change', apply);
    tools.hidden = false;
    apply();
  }
  const openTarget = () => {
    const target = location.hash.length > 1 ? document.getElementById(decodeURIComponent(location.hash.slice(1))) : null;
    for (let at = target; at; at = at.parentElement) if (at instanceof HTMLDetailsElement) at.open = true;
    if (target && target.closest('details')) target.scrollIntoView();
  };
  addEventListener('hashchange', openTarget);
  openTarget();
  let closed = [];
  addEventListener('beforeprint', () => {
    closed = [...document.querySelectorAll('details:not([open])')];
    for (const one of closed) one.open = true;
  });
  addEventListener('afterprint', () => { for (const one of closed) one.open = false; });
})();`;
