// The picture of a topology: laid out by dagre when who calls whom changes, drawn here.
import { h, s } from './dom.js';
import { called, rate, percent, millis, place, state, cause, encode } from './format.js';

const MOST = 48;
const LETTER = 7.6;
const NARROW = 640;

// Of many those that are looked for and whom they call, else those that fail and what is around
// them, else the busiest.
export function choose(topology, word) {
  const nodes = new Map();
  for (const service of topology.services) nodes.set(service.name, { name: service.name, service });
  for (const edge of topology.edges) {
    for (const name of [edge.from, edge.to]) if (!nodes.has(name)) nodes.set(name, { name });
    nodes.get(edge.from).calls = true;
  }
  let edges = topology.edges;
  if (word) edges = edges.filter((edge) => edge.from.includes(word) || edge.to.includes(word));
  const wanted = nodes.size <= MOST && !word ? new Set(nodes.keys()) : around(edges);
  for (const name of nodes.keys()) {
    if (wanted.size < MOST && (word ? name.includes(word) : !topology.edges.length)) wanted.add(name);
  }
  return {
    nodes: [...nodes.values()].filter((node) => wanted.has(node.name)),
    edges: edges.filter((edge) => wanted.has(edge.from) && wanted.has(edge.to)).slice(0, MOST * 4),
    all: nodes.size,
  };
}

function around(edges) {
  const wanted = new Set();
  const want = (edge) => {
    const both = new Set([...wanted, edge.from, edge.to]);
    if (both.size <= MOST) wanted.add(edge.from).add(edge.to);
  };
  const order = [...edges].sort((one, other) => other.rps - one.rps);
  const failing = order.filter((edge) => ['bad', 'some'].includes(state(edge)));
  failing.forEach(want);
  const seeds = new Set(wanted);
  order.filter((edge) => !seeds.size || seeds.has(edge.from) || seeds.has(edge.to)).forEach(want);
  return wanted;
}

export function graph() {
  const element = h('div', { class: 'graph', role: 'group', 'aria-label': 'Picture of who calls whom; arrow keys follow the calls. The table below has the same.' });
  let shape = '';
  let drawn = new Map();
  let boxes = new Map();
  let edges = [];

  function update(chosen) {
    edges = chosen.edges;
    const narrow = innerWidth < NARROW;
    const next = JSON.stringify([narrow, chosen.nodes.map((node) => node.name), edges.map((edge) => [edge.from, place(edge)])]);
    if (next !== shape) {
      shape = next;
      draw(chosen, narrow);
    }
    for (const edge of edges) label(drawn.get(edge.from + ' ' + place(edge)), edge);
    const failing = new Set(edges.filter((edge) => state(edge) === 'bad').map((edge) => edge.to));
    for (const [name, box] of boxes) box.classList.toggle('failing', failing.has(name));
  }

  function draw(chosen, narrow) {
    const at = document.activeElement?.dataset?.node;
    const plan = new dagre.graphlib.Graph({ multigraph: true });
    const dense = chosen.edges.length > 60;
    plan.setGraph({ rankdir: narrow ? 'TB' : 'LR', nodesep: dense ? 14 : 22, ranksep: narrow ? 40 : 50, marginx: 12, marginy: 12, ranker: dense ? 'longest-path' : 'network-simplex' });
    plan.setDefaultEdgeLabel(() => ({}));
    for (const node of chosen.nodes) plan.setNode(node.name, { width: Math.max(90, node.name.length * LETTER + 20), height: 44 });
    for (const edge of chosen.edges) {
      plan.setEdge(edge.from, edge.to, dense ? { width: 56, height: 16, labelpos: 'c' } : { width: 116, height: 34, labelpos: 'c' }, place(edge));
    }
    dagre.layout(plan);
    const { width, height } = plan.graph();
    const svg = s('svg', { width: Math.max(1, Math.ceil(width)), height: Math.max(1, Math.ceil(height)), viewBox: '0 0 ' + Math.max(1, width) + ' ' + Math.max(1, height) });
    drawn = new Map();
    boxes = new Map();
    for (const edge of chosen.edges) {
      const line = plan.edge(edge.from, edge.to, place(edge));
      const parts = edgeParts(line, dense);
      drawn.set(edge.from + ' ' + place(edge), parts);
      svg.append(parts.element);
    }
    for (const parts of drawn.values()) svg.append(parts.label); // over all lines
    for (const node of chosen.nodes) {
      const box = boxOf(node, plan.node(node.name));
      boxes.set(node.name, box);
      svg.append(box);
    }
    element.replaceChildren(svg);
    if (at) boxes.get(at)?.focus();
  }

  element.addEventListener('keydown', (event) => {
    const name = event.target.closest?.('[data-node]')?.dataset.node;
    if (!name || !event.key.startsWith('Arrow')) return;
    const next = neighbour(name, event.key);
    if (next) {
      event.preventDefault();
      boxes.get(next).focus();
    }
  });

  function neighbour(name, key) {
    if (key === 'ArrowRight') return edges.find((edge) => edge.from === name && edge.to !== name)?.to;
    if (key === 'ArrowLeft') return edges.find((edge) => edge.to === name && edge.from !== name)?.from;
    const names = [...boxes.keys()].sort((one, other) => top(one) - top(other));
    return names[names.indexOf(name) + (key === 'ArrowDown' ? 1 : -1)];
  }

  function top(name) {
    return Number(boxes.get(name).dataset.top);
  }

  return { element, update };
}

function boxOf(node, where) {
  const left = where.x - where.width / 2;
  const above = where.y - where.height / 2;
  const kind = node.service ? (node.service.external ? 'out of the mesh' : node.service.instances + (node.service.instances === 1 ? ' instance' : ' instances')) : node.calls ? 'calls' : 'no service';
  return s('a', { href: '#/service/' + encode(node.name), class: node.service ? 'node' : 'node workload', 'data-node': node.name, 'data-top': above, 'aria-label': called(node.name) + ', ' + kind },
    s('rect', { class: 'box', x: left, y: above, width: where.width, height: where.height, rx: 8 }),
    s('text', { x: where.x, y: where.y - 2, 'text-anchor': 'middle' }, called(node.name)),
    s('text', { x: where.x, y: where.y + 14, 'text-anchor': 'middle', 'font-size': 11, opacity: 0.8 }, kind));
}

function edgeParts(line, dense) {
  const points = line.points;
  const title = s('title');
  const first = s('text', { x: line.x, y: line.y + (dense ? 4 : -3), 'text-anchor': 'middle' });
  const second = dense ? null : s('text', { x: line.x, y: line.y + 12, 'text-anchor': 'middle' });
  const element = s('g', { class: 'edge', 'aria-hidden': 'true' }, title,
    s('path', { d: curve(points) }), s('path', { class: 'head', d: head(points) }));
  const label = s('g', { class: 'label', 'aria-hidden': 'true' }, s('rect', { x: line.x - line.width / 2, y: line.y - line.height / 2, width: line.width, height: line.height, rx: 4 }), first, second);
  return { element, label, title, first, second };
}

function curve(points) {
  let path = 'M' + points[0].x + ' ' + points[0].y;
  for (let i = 1; i < points.length - 1; i++) {
    const end = i === points.length - 2 ? points[i + 1] : { x: (points[i].x + points[i + 1].x) / 2, y: (points[i].y + points[i + 1].y) / 2 };
    path += ' Q' + points[i].x + ' ' + points[i].y + ' ' + end.x + ' ' + end.y;
  }
  return path;
}

function head(points) {
  const tip = points[points.length - 1];
  const before = points[points.length - 2];
  const angle = Math.atan2(tip.y - before.y, tip.x - before.x);
  const at = (turn) => (tip.x - 9 * Math.cos(angle + turn)) + ' ' + (tip.y - 9 * Math.sin(angle + turn));
  return 'M' + tip.x + ' ' + tip.y + ' L' + at(0.4) + ' L' + at(-0.4) + ' Z';
}

function label(parts, edge) {
  const name = state(edge);
  parts.element.setAttribute('class', 'edge ' + name);
  parts.label.setAttribute('class', 'label ' + name);
  const mark = name === 'bad' ? '✕ ' : name === 'some' ? '! ' : '';
  set(parts.first, parts.second ? mark + rate(edge.rps) + ' ' + percent(edge.success) : mark + percent(edge.success));
  if (parts.second) {
    set(parts.second, name === 'bad' && edge.causes[0] ? shortened(cause(edge.causes[0])) : 'p99 ' + millis(edge.p99));
  }
  set(parts.title, called(edge.from) + ' → ' + place(edge) + ': ' + rate(edge.rps) + ', ' + percent(edge.success) + ', p99 ' + millis(edge.p99)
    + edge.causes.map((why) => '; ' + cause(why) + ' ' + why.count).join(''));
}

function shortened(text) {
  return text.replace('the app answered', 'answered').slice(0, 20);
}

function set(element, text) {
  if (element.textContent !== text) element.textContent = text;
}
