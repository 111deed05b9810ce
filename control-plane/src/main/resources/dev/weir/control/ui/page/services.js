// All services, those whose calls fail first.
import { follow } from './api.js';
import { h, say, cells } from './dom.js';
import { rate, percent, serviceLink, state, stateWord } from './format.js';

const HEAD = ['Service', 'State', '#Calls', '#Success', '#Instances', '#Policies'];
const FEW = 200;

export function show(root) {
  const search = h('input', { type: 'search', id: 'search', autocomplete: 'off' });
  const note = h('caption');
  const body = h('tbody', { role: 'rowgroup' });
  root.append(h('h1', {}, 'Services'),
    h('div', { class: 'tools' }, h('label', { for: 'search' }, 'Services with', search)),
    h('div', { class: 'scroll' }, h('table', { class: 'cards', role: 'table' }, note,
      h('thead', { role: 'rowgroup' }, h('tr', { role: 'row' }, HEAD.map((name) => h('th', { scope: 'col', role: 'columnheader', class: name.startsWith('#') && 'number' }, name.replace(/^#/, ''))))), body)));
  let now = null;
  let drawn = '';

  function update() {
    if (!now) return;
    const sums = new Map();
    for (const edge of now.edges) {
      const sum = sums.get(edge.to) ?? { rps: 0, ok: 0, failed: 0 };
      sum.rps += edge.rps;
      sum.ok += edge.rps * edge.success;
      sum.failed += edge.failed;
      sums.set(edge.to, sum);
    }
    const all = now.services.filter((service) => service.name.includes(search.value.trim())).map((service) => {
      const sum = sums.get(service.name) ?? { rps: 0, ok: 0, failed: 0 };
      return { service, rps: sum.rps, failed: sum.failed, success: sum.rps ? sum.ok / sum.rps : 1 };
    });
    all.sort((one, other) => one.success - other.success || other.rps - one.rps || one.service.name.localeCompare(other.service.name));
    say(note, Math.min(FEW, all.length) + ' of ' + now.services.length + ' services');
    const next = JSON.stringify(all.slice(0, FEW));
    if (next === drawn) return;
    drawn = next;
    const at = document.activeElement?.getAttribute?.('href');
    body.replaceChildren(...all.slice(0, FEW).map((each) => {
      const name = state(each);
      return cells(HEAD, [serviceLink(each.service.name), h('span', { class: name }, stateWord(name)), rate(each.rps), percent(each.success),
        each.service.external ? 'outside' : each.service.instances, each.service.policies]);
    }));
    if (at) [...body.querySelectorAll('a')].find((link) => link.getAttribute('href') === at)?.focus();
  }
  search.addEventListener('input', update);
  return follow((topology) => {
    now = topology;
    update();
  });
}
