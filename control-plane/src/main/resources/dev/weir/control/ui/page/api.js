// The API: pages that are asked for, and the topology, which is told.

export async function get(name, parameters = {}) {
  const query = new URLSearchParams(parameters).toString();
  const response = await fetch('/api/v1/' + name + (query ? '?' + query : ''));
  const body = await response.json().catch(() => ({}));
  if (!response.ok) throw new Error(body.error ?? 'it is answered ' + response.status);
  return body;
}

const listeners = new Set();
let last = null;

export function topology() {
  return last;
}

// Calls at once if there is one, and again with each new one; returns how to end that.
export function follow(listener) {
  listeners.add(listener);
  if (last) listener(last);
  return () => listeners.delete(listener);
}

export function connect(onState) {
  const events = new EventSource('/api/v1/live');
  events.addEventListener('topology', (event) => {
    last = JSON.parse(event.data);
    onState(true);
    for (const listener of [...listeners]) listener(last);
  });
  events.onerror = () => {
    onState(false);
    // A browser gives up where the answer was no stream, as of a server that is full.
    if (events.readyState === EventSource.CLOSED) setTimeout(() => connect(onState), 5000);
  };
}
