// Requests as they end, by filters.
import { get } from './api.js';
import { h, table, cells } from './dom.js';
import { ELSEWHERE, HEAD, row } from './failures.js';

const MOST = 200;
const FILTERS = [['sidecar', 'Service or sidecar', ''], ['method', 'Method', ''], ['path', 'Path begins with', '']];
const CHOICES = [
  ['status', 'Status', ['', '2xx', '3xx', '4xx', '5xx']], ['kind', 'Kind', ['', 'failed', 'refused', 'slow']],
  ['direction', 'Way', ['', 'inbound', 'outbound']]];

export function show(root) {
  const problem = h('p', { role: 'status' });
  const fields = new Map();
  const labels = [];
  for (const [name, text] of FILTERS) {
    const input = h('input', { id: 'tap-' + name, size: 14, autocomplete: 'off' });
    fields.set(name, input);
    labels.push(h('label', { for: 'tap-' + name }, text, input));
  }
  for (const [name, text, words] of CHOICES) {
    const select = h('select', { id: 'tap-' + name }, words.map((word) => h('option', { value: word }, word || 'all')));
    fields.set(name, select);
    labels.push(h('label', { for: 'tap-' + name }, text, select));
  }
  const cause = h('input', { id: 'tap-cause', size: 14, autocomplete: 'off' });
  fields.set('cause', cause);
  labels.push(h('label', { for: 'tap-cause' }, 'Cause', cause));
  const button = h('button', { type: 'submit' }, 'Watch');
  const whole = table('Requests as they end, the newest first', HEAD, []);
  const body = whole.querySelector('tbody');
  let events = null;

  function stop() {
    events?.close();
    events = null;
    button.textContent = 'Watch';
  }

  function begin() {
    const query = new URLSearchParams();
    for (const [name, field] of fields) if (field.value.trim()) query.set(name, field.value.trim());
    events = new EventSource('/api/v1/tap?' + query);
    button.textContent = 'Stop';
    problem.textContent = 'watching';
    events.addEventListener('request', (event) => {
      body.prepend(cells(HEAD, row(JSON.parse(event.data))));
      while (body.children.length > MOST) body.lastChild.remove();
    });
    events.onerror = () => {
      if (events?.readyState !== EventSource.CLOSED) return;
      stop();
      fetch('/api/v1/tap?' + query).then((response) => response.ok ? response.body.cancel() : response.json().then((answer) => { problem.textContent = answer.error; }));
    };
  }

  root.append(h('h1', {}, 'Tap'),
    h('form', { class: 'tools', onsubmit: (event) => {
      event.preventDefault();
      if (events) {
        stop();
        problem.textContent = 'stopped';
      } else begin();
    } }, labels, button),
    problem, whole);
  get('about').then((about) => {
    if (!about.requests) {
      problem.textContent = ELSEWHERE;
      button.disabled = true;
    }
  }, (e) => { problem.textContent = e.message; });
  return stop;
}
