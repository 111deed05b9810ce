// One policy: what it says, and what it did over time beside all calls that it is about.
import { get } from './api.js';
import { h, facts } from './dom.js';
import { serviceLink, cause } from './format.js';
import { chart, times, perSecond, callSeries, valueOf } from './chart.js';
import { causes } from './service.js';
import { eventList, poll, span } from './events.js';

const sum = (counts) => counts.reduce((all, count) => all + count, 0);

export function show(root, words) {
  const [kind, ...name] = words;
  const resource = kind + ' ' + name.join('/');
  const problem = h('p', { class: 'bad', role: 'alert' });
  const effect = chart('Calls that ' + resource + ' is about in a second over time, and those that it ended; marks where something happened, which are listed below', 220);
  const sums = h('div');
  const happened = h('div');
  const says = h('div');
  let stop = () => {};
  const choice = span(() => begin());
  root.append(h('h1', {}, resource), problem, h('div', { class: 'tools' }, choice.element),
    h('h2', {}, 'What it did'), effect.element, sums, h('h2', {}, 'What happened'), happened, says);

  function begin() {
    stop();
    stop = poll(() => get('policy', { resource, minutes: choice.select.value }), update, (text) => { problem.textContent = text; });
  }

  let drawn = '';
  function update(page) {
    problem.textContent = '';
    const { history } = page;
    const own = history.causes.filter((why) => why.resource === resource);
    const others = history.causes.filter((why) => why.resource !== resource);
    const other = history.requests.map((_, i) => others.reduce((sum, why) => sum + why.counts[i], 0));
    const series = callSeries({ ...history, causes: own });
    if (others.length) series.push({ name: 'failed otherwise', values: perSecond(history, other), stroke: '#808890', dash: [2, 3] });
    const would = (history.shadows ?? []).filter((why) => why.resource === resource);
    for (const why of would) series.push({ name: 'would have: ' + cause(why), values: perSecond(history, why.counts), stroke: '#a06000', dash: [6, 3] });
    effect.update(times(history), series, valueOf.rate, page.events);
    const total = sum(history.requests);
    const ended = own.reduce((all, why) => all + sum(why.counts), 0);
    sums.replaceChildren(facts([['Calls it is about', total], ['Ended by it', ended], ...own.map((why) => [cause(why), sum(why.counts)]),
      ...would.map((why) => ['Would have ended, ' + cause(why), sum(why.counts)]),
      ['Opened', page.events.filter((event) => event.kind === 'opened').length], ['Healed', page.events.filter((event) => event.kind === 'healed').length],
      ['Edited', page.events.filter((event) => event.kind === 'edited').length]]), causes(history));
    happened.replaceChildren(eventList(page.events));
    const next = JSON.stringify([page.value, page.services, page.findings]);
    if (next === drawn) return;
    drawn = next;
    says.replaceChildren(
      h('h2', {}, 'What it says'), h('p', { class: 'faint' }, page.place + (page.shadow ? ', mode Shadow: it decides, and does not act' : '')),
      h('p', {}, 'For ' + page.targets.join(', ') + '.'), h('pre', {}, JSON.stringify(page.value, null, 2)),
      h('h2', {}, 'Services'), h('ul', {}, page.services.slice(0, 100).map((each) => h('li', {}, serviceLink(each)))),
      page.findings.length ? h('ul', {}, page.findings.map((each) => h('li', { class: 'bad' }, each.file + ':' + each.line + ': ' + each.message))) : '');
  }

  begin();
  return () => {
    stop();
    effect.close();
  };
}
