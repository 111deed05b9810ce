// Numbers and names as people read them.
import { h } from './dom.js';

export function rate(value) {
  return (value >= 100 ? value.toFixed(0) : value >= 10 ? value.toFixed(1) : value.toFixed(2)) + '/s';
}

// What is not all is not told as all.
export function percent(share) {
  return (Math.floor(share * 1000) / 10).toFixed(1) + ' %';
}

export function millis(value) {
  if (!value) return '–';
  if (value >= 1000) return (value / 1000).toFixed(1) + ' s';
  return (value >= 10 ? value.toFixed(0) : value.toFixed(1)) + ' ms';
}

export function bytes(value) {
  return value ? (value / 1048576).toFixed(0) + ' MiB' : '–';
}

export function time(epochMillis) {
  return new Date(epochMillis).toLocaleTimeString();
}

export function place(edge) {
  return edge.port ? edge.to + ':' + edge.port : edge.to;
}

// bad, some, well, or quiet for what was not called.
export function state(edge) {
  if (!edge.rps && !edge.failed) return 'quiet';
  return edge.success < 0.95 ? 'bad' : edge.success < 0.995 ? 'some' : 'well';
}

const WORDS = { bad: '✕ fails', some: '! some fail', well: '✓ well', quiet: '· quiet' };

export function stateWord(name) {
  return WORDS[name];
}

// Who has not proved who it is comes from outside, as weir graph has it.
export function called(name) {
  return name === 'unknown/unknown' ? 'outside' : name;
}

export function serviceLink(name) {
  return h('a', { href: '#/service/' + encode(name) }, called(name));
}

export function policyLink(resource) {
  return h('a', { href: '#/policy/' + encode(resource.replace(' ', '/')) }, resource);
}

export function encode(name) {
  return name.split('/').map(encodeURIComponent).join('/');
}

// "rate-limited", or what the app has answered.
export function cause(why) {
  return why.cause || 'the app answered ' + (why.answer || 'nothing');
}

// The cause, with a link to the policy that decided.
export function causeNodes(why) {
  return [cause(why), why.resource ? [' by ', policyLink(why.resource)] : why.policy ? ' by ' + why.policy : ''];
}
