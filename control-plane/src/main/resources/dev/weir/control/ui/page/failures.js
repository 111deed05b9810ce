// Requests that failed or were refused a moment ago.
import { get } from './api.js';
import { h, table } from './dom.js';
import { millis, encode } from './format.js';
import { poll } from './events.js';

export const ELSEWHERE = 'Single requests are told to who may ask the sidecars: open this page by ./weir ui.';

export function show(root) {
  const problem = h('p', { class: 'bad', role: 'alert' });
  const body = h('div');
  root.append(h('h1', {}, 'Recent failures'), problem, body);
  let stop = () => {};
  let ended = false;
  get('about').then((about) => {
    if (ended) return;
    if (!about.requests) {
      problem.className = '';
      problem.textContent = ELSEWHERE;
      return;
    }
    stop = poll(() => get('requests'), (page) => {
      problem.textContent = silent(page.silent);
      if (body.contains(document.activeElement)) return;
      body.replaceChildren(page.requests.length ? table('The newest first; those that are alike stand together, with the story of the last', GROUPED, alike(page.requests))
        : h('p', { class: 'faint' }, 'No request has failed or was refused of late.'));
    }, (text) => { problem.textContent = text; });
  }, (e) => { problem.textContent = e.message; });
  return () => {
    ended = true;
    stop();
  };
}

export const HEAD = ['Time', 'Sidecar', 'Way', 'Request', 'Result', 'Cause', '#Took', 'Story'];

const GROUPED = [...HEAD.slice(0, 6), '#Times', ...HEAD.slice(6)];

// One row for all that differ in time alone.
function alike(requests) {
  const groups = new Map();
  for (const each of requests) {
    const key = JSON.stringify([each.sidecar, each.direction, request(each), result(each), token(each)]);
    const group = groups.get(key);
    if (group) group.times++;
    else groups.set(key, { each, times: 1 });
  }
  return [...groups.values()].map(({ each, times }) => {
    const cells = row(each);
    return [...cells.slice(0, 6), times, ...cells.slice(6)];
  });
}

function token(each) {
  return (each.cause ?? '').split(';retry-after-ms')[0];
}

export function row(each) {
  const id = each.request_id ?? each.trace_id;
  return [h('time', { datetime: each.time, title: each.time }, String(each.time).slice(11, 23) || each.time), each.sidecar, each.direction === 'outbound' ? 'out' : 'in', request(each), result(each), each.cause ?? '',
    millis(each.duration_ms), id ? h('a', { href: '#/request/' + encode(id), 'aria-label': 'story of ' + request(each) + ' at ' + each.time }, 'story') : ''];
}

export function request(each) {
  return each.method ? each.method + ' ' + each.path : 'connection to ' + each.destination;
}

export function result(each) {
  if (each.grpc_status && each.status === 200) return 'gRPC ' + each.grpc_status;
  return each.status ?? (each.method ? 'no response' : 'over');
}

export function silent(reasons) {
  const names = Object.entries(reasons ?? {});
  return names.length ? names.slice(0, 5).map(([name, why]) => name + ' cannot be asked: ' + why).join('; ') : '';
}
