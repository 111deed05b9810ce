// Sidecars, those out of step first.
import { get } from './api.js';
import { h, table } from './dom.js';
import { serviceLink, bytes } from './format.js';
import { poll } from './events.js';

export function show(root) {
  const problem = h('p', { class: 'bad', role: 'alert' });
  const body = h('div');
  root.append(h('h1', {}, 'Proxies'), problem, body);
  let drawn = '';
  return poll(() => get('proxies'), (list) => {
    problem.textContent = '';
    const next = JSON.stringify(list);
    if (next === drawn || body.contains(document.activeElement) && drawn) return;
    drawn = next;
    const sorted = [...list].sort((one, other) => one.inSync - other.inSync || one.node.localeCompare(other.node));
    body.replaceChildren(table(list.length + ' connected, ' + list.filter((each) => each.inSync).length + ' in step',
      ['Proxy', 'Service', 'Address', 'State', 'Refuses, or does not take', 'Version', '#Memory'], sorted.map((each) => [
        each.node, serviceLink(each.service), each.address,
        h('span', { class: each.inSync ? 'well' : 'bad' }, each.inSync ? '✓ in step' : '✕ ' + states(each)),
        refusals(each), each.version ?? '–', bytes(each.memoryBytes)])));
  }, (text) => { problem.textContent = text; });
}

function states(proxy) {
  const others = Object.entries(proxy.types).filter(([, type]) => type.state !== 'in force');
  return others.length ? others.map(([name, type]) => name + ' ' + type.state).join(', ') : 'nothing was asked for';
}

function refusals(proxy) {
  const lines = Object.entries(proxy.types).filter(([, type]) => type.nacked)
    .map(([name, type]) => name + ': ' + type.nacked.reason + (type.nacked.followsFrom.length ? ' (from ' + type.nacked.followsFrom.join(', ') + ')' : ''));
  return [...lines, ...proxy.notEnforced].map((line) => h('div', {}, line));
}
