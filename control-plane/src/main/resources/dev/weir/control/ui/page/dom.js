// Elements. What is said of a mesh becomes text, never markup.

const SVG = 'http://www.w3.org/2000/svg';

function fill(element, properties, children) {
  for (const [name, value] of Object.entries(properties ?? {})) {
    if (value === undefined || value === null || value === false) continue;
    if (name.startsWith('on')) element.addEventListener(name.slice(2), value);
    else element.setAttribute(name, value === true ? '' : String(value));
  }
  add(element, children);
  return element;
}

function add(element, children) {
  for (const child of children) {
    if (child === undefined || child === null || child === '') continue;
    if (Array.isArray(child)) add(element, child);
    else element.append(child instanceof Node ? child : document.createTextNode(String(child)));
  }
}

export function h(tag, properties, ...children) {
  return fill(document.createElement(tag), properties, children);
}

export function s(tag, properties, ...children) {
  return fill(document.createElementNS(SVG, tag), properties, children);
}

// Changes a text only where it is another one, so that nothing is read out again.
export function say(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

// A table; on a phone its rows are cards, and the roles keep it a table. head: names, those of numbers with a leading #.
export function table(caption, head, rows) {
  const names = head.map((name) => name.replace(/^#/, ''));
  const body = h('tbody', { role: 'rowgroup' });
  for (const row of rows) body.append(cells(head, row));
  return h('div', { class: 'scroll' },
    h('table', { class: 'cards', role: 'table' },
      h('caption', {}, caption),
      h('thead', { role: 'rowgroup' }, h('tr', { role: 'row' }, head.map((name, i) =>
        h('th', { scope: 'col', role: 'columnheader', class: name.startsWith('#') && 'number' }, names[i])))),
      body));
}

export function cells(head, row) {
  return h('tr', { role: 'row' }, row.map((cell, i) =>
    h('td', { role: 'cell', class: head[i].startsWith('#') && 'number', 'data-name': head[i].replace(/^#/, '') }, cell)));
}

export function facts(pairs) {
  return h('dl', { class: 'facts' }, pairs.map(([name, value]) =>
    h('div', {}, h('dt', {}, name), h('dd', {}, value))));
}
