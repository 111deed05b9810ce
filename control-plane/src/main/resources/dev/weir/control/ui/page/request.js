// The story of one request over its hops.
import { get } from './api.js';
import { h } from './dom.js';

export function show(root, words) {
  const id = words.join('/');
  const body = h('div', {}, h('p', { class: 'faint' }, 'asking the sidecars'));
  root.append(h('h1', {}, 'Request ' + id), body, h('p', {}, h('a', { href: '#/failures' }, 'Recent failures')));
  get('explain', { id }).then(
    (story) => body.replaceChildren(
      h('p', { class: 'bad' }, story.why || 'Nothing went wrong with it.'),
      h('h2', {}, 'Its hops'), h('pre', { tabindex: 0, 'aria-label': 'The story' }, story.lines.filter((line) => !line.startsWith('why: ')).join('\n'))),
    (e) => body.replaceChildren(h('p', { class: 'bad', role: 'alert' }, e.message)));
}
