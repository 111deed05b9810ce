// What happened: edits of policies, breakers that opened and closed.
import { h } from './dom.js';
import { time } from './format.js';
import { mark } from './chart.js';

export function eventList(events) {
  if (!events.length) return h('p', { class: 'faint' }, 'Nothing was edited, opened or healed in this time.');
  return h('ul', { class: 'events' }, [...events].sort((one, other) => other.at - one.at).slice(0, 100).map((event) =>
    h('li', {}, h('time', { datetime: new Date(event.at).toISOString() }, time(event.at)), ' ' + mark(event) + ' ' + event.kind + ': ' + event.text
      + (event.policy && !event.text.includes(event.policy) ? ' (' + event.policy + ')' : '')
      + (event.instance && !event.text.includes(event.instance) ? ', told by ' + event.instance : ''))));
}

// Asks again every few seconds; update gets what is answered, or fail the reason.
export function poll(ask, update, fail) {
  let ended = false;
  let timer = 0;
  async function again() {
    try {
      const body = await ask();
      if (!ended) update(body);
    } catch (e) {
      if (!ended) fail(e.message);
    }
    if (!ended) timer = setTimeout(again, document.hidden ? 15000 : 4000);
  }
  again();
  return () => {
    ended = true;
    clearTimeout(timer);
  };
}

export function span(onchange) {
  const select = h('select', { id: 'minutes', onchange },
    [['15', '15 minutes'], ['60', '1 hour'], ['360', '6 hours'], ['1440', '1 day']].map(([value, text]) => h('option', { value }, text)));
  return { select, element: h('label', { for: 'minutes' }, 'Time', select) };
}
