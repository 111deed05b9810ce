// A table of edges, those that fail first; its rows stay the same elements as it changes.
import { h } from './dom.js';
import { rate, percent, millis, place, state, stateWord, serviceLink, causeNodes } from './format.js';

const HEAD = ['State', 'From', 'To', '#Calls', '#Success', '#p50', '#p99', 'Causes'];
const RANK = { bad: 0, some: 1, well: 2, quiet: 3 };
const FEW = 100;

export function worstFirst(edges) {
  return [...edges].sort((one, other) =>
    RANK[state(one)] - RANK[state(other)] || other.failed - one.failed || other.rps - one.rps);
}

export function edgeTable(caption) {
  let limit = FEW;
  let shown = [];
  const rows = new Map();
  const body = h('tbody', { role: 'rowgroup' });
  const note = h('caption', {}, caption);
  const more = h('button', { type: 'button', hidden: true, onclick: () => { limit = Infinity; update(shown); } });
  const element = h('div', { class: 'scroll' },
    h('table', { class: 'cards edges', role: 'table' }, note,
      h('thead', { role: 'rowgroup' }, h('tr', { role: 'row' }, HEAD.map((name) =>
        h('th', { scope: 'col', role: 'columnheader', class: name.startsWith('#') && 'number' }, name.replace(/^#/, ''))))),
      body),
    more);

  function update(edges) {
    shown = edges;
    const wanted = worstFirst(edges).slice(0, limit);
    more.hidden = edges.length <= wanted.length;
    more.textContent = 'Show all ' + edges.length;
    const keep = new Set();
    let at = body.firstChild;
    for (const edge of wanted) {
      const key = edge.from + ' ' + place(edge);
      keep.add(key);
      let row = rows.get(key);
      if (!row) rows.set(key, (row = newRow(edge)));
      fillRow(row, edge);
      // The row that somebody is at is not moved, which would take the focus from it.
      if (row === at) at = at.nextSibling;
      else if (!row.isConnected || !row.contains(document.activeElement)) body.insertBefore(row, at);
    }
    for (const [key, row] of rows) {
      if (!keep.has(key)) {
        row.remove();
        rows.delete(key);
      }
    }
  }
  return { element, update };
}

function newRow(edge) {
  const row = h('tr', { role: 'row' }, HEAD.map((name) =>
    h('td', { role: 'cell', class: name.startsWith('#') && 'number', 'data-name': name.replace(/^#/, '') })));
  row.children[1].append(serviceLink(edge.from));
  row.children[2].append(serviceLink(edge.to), edge.port ? ':' + edge.port : '');
  return row;
}

function fillRow(row, edge) {
  const cells = row.children;
  const name = state(edge);
  if (row.className !== name) {
    row.className = '';
    cells[0].className = name;
    cells[4].className = 'number ' + name;
  }
  const texts = [stateWord(name), null, null, rate(edge.rps), percent(edge.success), millis(edge.p50), millis(edge.p99)];
  texts.forEach((text, i) => {
    if (text !== null && cells[i].textContent !== text) cells[i].textContent = text;
  });
  const causes = JSON.stringify(edge.causes);
  if (row.dataset.causes !== causes) {
    row.dataset.causes = causes;
    cells[7].replaceChildren(...edge.causes.map((why) =>
      h('div', {}, causeNodes(why), ' (' + why.count + ')')));
  }
}
