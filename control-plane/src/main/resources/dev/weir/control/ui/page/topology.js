// Who calls whom: what fails first, then the picture, then all edges.
import { follow } from './api.js';
import { h, say } from './dom.js';
import { percent, rate, place, state, serviceLink, causeNodes } from './format.js';
import { edgeTable, worstFirst } from './edges.js';
import { graph, choose } from './graph.js';

const MOST_ALARMS = 8;

export function show(root) {
  const summary = h('p', { class: 'faint', id: 'summary' }, 'waiting for the mesh');
  const alarms = h('ul', { class: 'alarms', 'aria-label': 'What fails now' });
  const search = h('input', { type: 'search', id: 'search', autocomplete: 'off', spellcheck: 'false' });
  const note = h('p', { class: 'faint' });
  const picture = graph();
  const edges = edgeTable('Who calls whom, what fails first');
  root.append(
    h('h1', {}, 'Who calls whom'), summary, alarms,
    h('div', { class: 'tools' }, h('label', { for: 'search' }, 'Services with', search)),
    note, picture.element, h('h2', {}, 'All calls'), edges.element);
  let now = null;

  function update() {
    if (!now) return;
    const word = search.value.trim();
    const failing = worstFirst(now.edges).filter((edge) => ['bad', 'some'].includes(state(edge)));
    const calls = now.edges.reduce((sum, edge) => sum + edge.rps, 0);
    say(summary, now.services.length + ' services, ' + now.edges.length + ' edges, ' + rate(calls)
      + (failing.length ? '; ' + failing.length + (failing.length === 1 ? ' edge fails' : ' edges fail') : now.edges.length ? '; all is well' : '; nobody has called of late')
      + (now.findings ? '; ' + now.findings + ' findings in what was written' : ''));
    const next = JSON.stringify(failing.slice(0, MOST_ALARMS));
    if (alarms.dataset.shown !== next && !alarms.contains(document.activeElement)) {
      alarms.dataset.shown = next;
      alarms.replaceChildren(...failing.slice(0, MOST_ALARMS).map(alarm));
    }
    const chosen = choose(now, word);
    say(note, chosen.nodes.length < chosen.all
      ? chosen.nodes.length + ' of ' + chosen.all + ' are drawn: ' + (word ? 'those that are looked for, and whom they call' : failing.length ? 'those that fail, and what is around them' : 'the busiest')
      : '');
    picture.update(chosen);
    edges.update(word ? now.edges.filter((edge) => edge.from.includes(word) || edge.to.includes(word)) : now.edges);
  }

  search.addEventListener('input', update);
  const resized = () => update();
  addEventListener('resize', resized);
  const end = follow((topology) => {
    now = topology;
    update();
  });
  return () => {
    end();
    removeEventListener('resize', resized);
  };
}

function alarm(edge) {
  const why = edge.causes.slice(0, 3).map((each, i) => [i ? ', ' : ': ', causeNodes(each)]);
  return h('li', { class: state(edge) },
    state(edge) === 'bad' ? '✕ ' : '! ', serviceLink(edge.from), ' → ', serviceLink(edge.to), edge.port ? ':' + edge.port : '',
    ' fails ' + percent(1 - edge.success) + ' of ' + rate(edge.rps), why);
}
