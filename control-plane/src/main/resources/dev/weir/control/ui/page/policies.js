// All policies, and how many calls each refused.
import { get } from './api.js';
import { h, table } from './dom.js';
import { policyLink } from './format.js';
import { poll } from './events.js';

export function show(root) {
  const problem = h('p', { class: 'bad', role: 'alert' });
  const body = h('div');
  root.append(h('h1', {}, 'Policies'), problem, body);
  let drawn = '';
  return poll(() => get('policies'), (list) => {
    problem.textContent = '';
    const next = JSON.stringify(list);
    if (next === drawn || body.contains(document.activeElement) && drawn) return;
    drawn = next;
    body.replaceChildren(list.length ? table(list.length + ' in force', ['Policy', 'For', 'Sections', 'Mode', '#Refused in 15 min', '#Would have refused'],
      list.map((each) => [policyLink(each.resource), each.targets.join(', '), each.sections.join(', '), each.shadow ? 'Shadow' : 'Enforce', each.refused, each.shadow ? each.wouldRefuse ?? '–' : '–']))
      : h('p', { class: 'faint' }, 'No policy is in force: calls pass as they are.'));
  }, (text) => { problem.textContent = text; });
}
