// One service: how its calls go, who calls it, what holds for it.
import { get } from './api.js';
import { h, table, facts } from './dom.js';
import { rate, percent, millis, policyLink, causeNodes, state } from './format.js';
import { edgeTable } from './edges.js';
import { chart, times, callSeries, perSecond, valueOf } from './chart.js';
import { eventList, poll, span } from './events.js';

export function show(root, words) {
  const name = words.join('/');
  const problem = h('p', { class: 'bad', role: 'alert' });
  const numbers = h('div');
  const calls = chart('Calls of ' + name + ' in a second over time, and those that failed by cause; the tables below have the numbers of now');
  const times99 = chart('The time that 99 % of the calls of ' + name + ' took at most', 140);
  const why = h('div');
  const did = h('div');
  const callers = edgeTable('Who calls it');
  const callees = edgeTable('Whom it calls');
  const happened = h('div');
  const rest = h('div');
  let stop = () => {};
  const choice = span(() => begin());
  root.append(h('h1', {}, name), problem, numbers, h('div', { class: 'tools' }, choice.element),
    h('h2', {}, 'Calls'), calls.element, why, did, h('h2', {}, 'How long 99 % take at most'), times99.element,
    h('h2', {}, 'Callers'), callers.element, h('h2', {}, 'Calls of its own'), callees.element,
    h('h2', {}, 'What happened'), happened, rest);

  function begin() {
    stop();
    stop = poll(() => get('service', { name, minutes: choice.select.value }), update, (text) => { problem.textContent = text; });
  }

  let drawn = '';
  function update(page) {
    problem.textContent = '';
    const sum = page.callers.reduce((all, edge) => ({ rps: all.rps + edge.rps, ok: all.ok + edge.rps * edge.success, p99: Math.max(all.p99, edge.p99), failed: all.failed + edge.failed }), { rps: 0, ok: 0, p99: 0, failed: 0 });
    const success = sum.rps ? sum.ok / sum.rps : 1;
    numbers.replaceChildren(facts([
      ['Calls', rate(sum.rps)], ['Success', h('span', { class: state({ ...sum, success }) }, percent(success))], ['p99', millis(sum.p99)],
      ['Instances', page.instances ? page.instances.length : '–']]));
    const at = times(page.history);
    calls.update(at, callSeries(page.history), valueOf.rate, page.events);
    times99.update(at, [{ name: 'p99', values: page.history.p99.map((value) => value || null), stroke: getComputedStyle(document.documentElement).getPropertyValue('--accent').trim() }], valueOf.millis, page.events);
    why.replaceChildren(causes(page.history));
    did.replaceChildren(didWhat(page));
    callers.update(page.callers);
    callees.update(page.calls);
    happened.replaceChildren(eventList(page.events));
    const next = JSON.stringify([page.description, page.instances]);
    if (next !== drawn) {
      drawn = next;
      rest.replaceChildren(...description(page));
    }
  }

  begin();
  return () => {
    stop();
    calls.close();
    times99.close();
  };
}

// What each policy that holds did in this time; of those that did nothing, that.
function didWhat(page) {
  const did = new Map();
  const of = (resource) => {
    if (!did.has(resource)) did.set(resource, { ended: 0, would: 0, shadow: false, opened: 0, healed: 0, edited: 0 });
    return did.get(resource);
  };
  for (const port of page.description?.ports ?? []) {
    for (const each of [...port.policies, ...port.routes.flatMap((route) => route.policies)]) {
      if (each.resource.includes('Policy ')) of(each.resource).shadow ||= each.shadow;
    }
  }
  for (const why of page.history.causes) if (why.resource) of(why.resource).ended += why.counts.reduce((sum, count) => sum + count, 0);
  for (const why of page.history.shadows ?? []) if (why.resource) of(why.resource).would += why.counts.reduce((sum, count) => sum + count, 0);
  for (const event of page.events) {
    for (const [resource, sums] of did) if (resource.endsWith(' ' + event.policy) && event.kind in sums) sums[event.kind]++;
  }
  if (!did.size) return '';
  return table('What its policies did in this time', ['Policy', 'Mode', '#Ended calls', '#Would have', '#Opened', '#Healed', '#Edited'],
    [...did].map(([resource, sums]) => [policyLink(resource), sums.shadow ? 'Shadow' : 'Enforce', sums.ended, sums.would, sums.opened, sums.healed, sums.edited]));
}

export function causes(history) {
  if (!history.causes.length) return h('p', { class: 'faint' }, 'No call has failed in this time.');
  return table('Why calls failed in this time', ['Cause', '#Calls', '#Most in a second'], history.causes.map((why) => [
    h('span', {}, causeNodes(why)), why.counts.reduce((sum, count) => sum + count, 0), rate(Math.max(...perSecond(history, why.counts)))]));
}

function description(page) {
  const parts = [];
  const all = page.description;
  if (page.instances) {
    parts.push(h('h2', {}, 'Instances'), table(page.instances.length + ' ready', ['Address', 'Port', 'Mutual TLS'],
      page.instances.map((each) => [each.address, each.port, each.mtls ? 'yes' : 'no'])));
  }
  if (!all) {
    parts.push(h('p', { class: 'faint' }, 'It is a workload that calls, and no service.'));
    return parts;
  }
  parts.push(h('h2', {}, 'What holds'), h('p', { class: 'faint' }, all.place));
  for (const port of all.ports) {
    parts.push(h('h3', {}, 'Port ' + port.port + (port.name ? ' (' + port.name + ')' : '') + ', ' + port.protocol + ', mTLS ' + port.mtls));
    parts.push(policies(port.policies));
    for (const route of port.routes) {
      parts.push(h('h3', {}, route.place + ', ' + route.rule), h('p', {}, route.matches.join(' or ') + ' → ' + route.leadsTo));
      if (route.policies.length) parts.push(policies(route.policies));
    }
  }
  if (all.telemetry.length) parts.push(h('h3', {}, 'Telemetry'), policies(all.telemetry));
  if (all.findings.length) {
    parts.push(h('h2', {}, 'Wrong, or without effect'), h('ul', {}, all.findings.map((each) =>
      h('li', { class: each.severity === 'error' && 'bad' }, each.file + ':' + each.line + ': ' + each.message))));
  }
  return parts;
}

function policies(list) {
  if (!list.length) return h('p', { class: 'faint' }, 'No policy holds: calls pass as they are.');
  return table('Policies', ['Section', 'Says', 'By', 'Enforced by'], list.map((each) => [
    each.section + (each.shadow ? ' (Shadow)' : ''), h('code', {}, JSON.stringify(each.value)), / /.test(each.resource) ? policyLink(each.resource) : each.resource,
    each.enforcedBy === 'own' ? 'its own sidecars' : 'callers’ sidecars']));
}
