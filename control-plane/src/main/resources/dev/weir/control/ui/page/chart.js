// Charts over time, with marks where something happened; uPlot draws them.
import { h } from './dom.js';
import { cause, millis, rate } from './format.js';

const COLOURS = ['#d1495b', '#e0862f', '#8f5fc4', '#2f8f9d', '#9a7b2f', '#c45a9b', '#5a7d2b', '#6b6f76'];
const MARKS = { edited: '✎', opened: '○', healed: '●', refused: '✕' };

function colour(name) {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}

export function chart(label, height = 180) {
  const element = h('div', { class: 'chart', role: 'img', 'aria-label': label });
  let plot = null;
  let shape = '';
  let marks = [];

  // series: [{name, values, stroke, dash}]; times in seconds.
  function update(times, series, value, events) {
    marks = events;
    const next = JSON.stringify([series.map((each) => each.name), matchMedia('(prefers-color-scheme: dark)').matches]);
    const data = [times, ...series.map((each) => each.values)];
    if (next === shape && plot) {
      plot.setData(data);
      return;
    }
    shape = next;
    plot?.destroy();
    const axis = { stroke: colour('--faint'), grid: { stroke: colour('--line'), width: 1 }, ticks: { stroke: colour('--line') } };
    plot = new uPlot({
      width: Math.max(240, element.clientWidth - 12), height,
      cursor: { drag: { x: false, y: false } },
      scales: { y: { range: (self, least, most) => [0, Math.max(most ?? 0, 1e-3) * 1.1] } },
      series: [{}, ...series.map((each) => ({ label: each.name, stroke: each.stroke, dash: each.dash, width: 2, points: { show: false }, value: (self, number) => (number == null ? '–' : value(number)) }))],
      axes: [axis, { ...axis, size: 64, values: (self, numbers) => numbers.map(value) }],
      hooks: { draw: [drawMarks] },
    }, data, element);
  }

  function drawMarks(self) {
    const { ctx } = self;
    const { left, top, width, height: tall } = self.bbox;
    ctx.save();
    ctx.strokeStyle = colour('--accent');
    ctx.fillStyle = colour('--accent');
    ctx.setLineDash([4, 4]);
    ctx.font = Math.round(13 * devicePixelRatio) + 'px system-ui';
    ctx.textAlign = 'center';
    for (const mark of marks) {
      const x = self.valToPos(mark.at / 1000, 'x', true);
      if (x < left || x > left + width) continue;
      ctx.beginPath();
      ctx.moveTo(x, top);
      ctx.lineTo(x, top + tall);
      ctx.stroke();
      ctx.fillText(MARKS[mark.kind] ?? '|', x, top + 12 * devicePixelRatio);
    }
    ctx.restore();
  }

  const observer = new ResizeObserver(() => plot?.setSize({ width: Math.max(240, element.clientWidth - 12), height }));
  observer.observe(element);
  return {
    element,
    update,
    close: () => {
      observer.disconnect();
      plot?.destroy();
    },
  };
}

export function times(history) {
  return history.requests.map((_, i) => (history.begin + i * history.step) / 1000);
}

export function perSecond(history, counts) {
  return counts.map((count) => count * 1000 / history.step);
}

// Calls, and beside them why some failed.
export function callSeries(history) {
  return [
    { name: 'calls', values: perSecond(history, history.requests), stroke: colour('--accent') },
    ...history.causes.map((why, i) => ({
      name: cause(why) + (why.policy ? ' (' + why.policy + ')' : ''),
      values: perSecond(history, why.counts), stroke: COLOURS[i % COLOURS.length], dash: [[], [8, 4], [2, 3]][i % 3],
    })),
  ];
}

export const valueOf = { rate, millis };

export function mark(event) {
  return MARKS[event.kind] ?? '|';
}
