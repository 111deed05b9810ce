// Which view is shown, by the part of the address behind #.
import { connect, follow } from './api.js';
import { h, say } from './dom.js';
import { place, cause, percent, state } from './format.js';
import * as topology from './topology.js';
import * as services from './services.js';
import * as service from './service.js';
import * as policies from './policies.js';
import * as policy from './policy.js';
import * as proxies from './proxies.js';
import * as failures from './failures.js';
import * as request from './request.js';
import * as tap from './tap.js';

const VIEWS = { '': topology, services, service, policies, policy, proxies, failures, request, tap };
const main = document.getElementById('main');
let close = () => {};

function show() {
  const [name, ...words] = location.hash.replace(/^#\/?/, '').split('/').map(decoded);
  const view = Object.hasOwn(VIEWS, name) ? VIEWS[name] : topology;
  close();
  main.replaceChildren();
  close = view.show(main, words) ?? (() => {});
  for (const link of document.querySelectorAll('nav a')) {
    const own = link.getAttribute('href').replace(/^#\//, '');
    const is = own === (name === 'service' ? 'services' : name === 'policy' ? 'policies' : name === 'request' ? 'failures' : name);
    if (is) link.setAttribute('aria-current', 'page');
    else link.removeAttribute('aria-current');
  }
  const title = main.querySelector('h1')?.textContent ?? '';
  document.title = title ? title + ' – Weir' : 'Weir';
}

function decoded(word) {
  try {
    return decodeURIComponent(word);
  } catch {
    return word;
  }
}

addEventListener('hashchange', () => {
  show();
  main.focus();
});
document.getElementById('skip').addEventListener('click', (event) => {
  event.preventDefault();
  main.focus();
});

const link = document.getElementById('link');
connect((connected) => {
  link.classList.toggle('lost', !connected);
  say(link, connected ? '● live' : '○ not connected; what is shown is old');
});

// Read out: edges that begin to fail, and that do so no more.
let failing = new Map();
follow((now) => {
  const next = new Map();
  for (const edge of now.edges) {
    if (state(edge) === 'bad') next.set(edge.from + ' to ' + place(edge), edge);
  }
  const news = [];
  for (const [name, edge] of next) {
    if (!failing.has(name)) {
      news.push(name + ' fails, ' + percent(1 - edge.success) + (edge.causes[0] ? ', ' + cause(edge.causes[0]) : ''));
    }
  }
  for (const name of failing.keys()) if (!next.has(name)) news.push(name + ' is well again');
  failing = next;
  if (news.length) document.getElementById('news').replaceChildren(h('span', {}, news.slice(0, 5).join('; ')));
});

show();
