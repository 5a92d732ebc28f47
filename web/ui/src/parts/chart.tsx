/* Figures over time. A press or a drag leads to what is behind that time. */
import type { JSX } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import uPlot from 'uplot';
import { clock, day, number } from '../base/format';
import { dark, zone } from '../base/settings';
import { token, useWidth } from './canvas';

export interface Series {
  name: string;
  colour: string; // name of a colour token
  kind: 'line' | 'bars' | 'area' | 'stack'; // stack: whoever comes first lies behind
  dash?: number[];
  values: (number | null)[];
  decimals?: number;
  told?: (number | null)[]; // what is read off, where that is not what is drawn
}

interface Props {
  title: string;
  unit: string;
  times: number[]; // ms, when each step begins
  step: number; // ms
  series: Series[];
  range?: [number, number | null];
  height?: number;
  press?: (from: number, to: number) => void;
}

const STEP_POINTS = 2; // that a step is drawn with (dataOf)

/** The first points of steps with nothing beside them, which are hardly seen as lines. */
function alone(u: uPlot, index: number): number[] {
  const values = u.data[index] ?? [];
  const found: number[] = [];
  for (let first = 0; first < values.length; first++) {
    let end = first;
    while (values[end] !== null && values[end] !== undefined && end < values.length) end++;
    if (end > first && end - first <= STEP_POINTS) found.push(first);
    first = end;
  }
  return found;
}

function describe(series: Series): uPlot.Series {
  const stroke = token(series.colour);
  const { bars } = uPlot.paths;
  const common = { label: series.name, stroke, points: { show: false }, spanGaps: false };
  if (series.kind === 'bars' && bars)
    return { ...common, width: 0, fill: stroke, paths: bars({ size: [0.85, 60], align: 1 }) };
  const points: uPlot.Series.Points = { show: true, size: 5, fill: stroke, filter: alone };
  const line = { ...common, points, width: 1.75, ...(series.dash ? { dash: series.dash } : {}) };
  if (series.kind === 'stack') return { ...line, fill: `color-mix(in srgb, ${stroke} 70%, ${token('surface')})` };
  return series.kind === 'area' ? { ...line, fill: `color-mix(in srgb, ${stroke} 25%, transparent)` } : line;
}

function labels(span: number): (t: number) => string {
  return (t) => (span > 3 * 86400e3 ? day(t).slice(5) : clock(t).slice(0, span < 600e3 ? 8 : 5));
}

const EDGE_PX = 18;

function options(props: Props, width: number, readout: HTMLElement): uPlot.Options {
  const first = props.times[0] ?? 0;
  const last = (props.times[props.times.length - 1] ?? first) + props.step;
  const name = labels(last - first);
  const grid = { stroke: token('line'), width: 1 };
  const axis = { stroke: token('dim'), grid, ticks: { show: false }, font: '11px system-ui' };
  const [low, high] = props.range ?? [0, null];
  return {
    width,
    height: props.height ?? 150,
    padding: [8, 26, 0, 0],
    ms: 1,
    legend: { show: false },
    cursor: { drag: { x: true, y: false, setScale: false }, points: { size: 6 } },
    scales: {
      x: { time: false, range: () => [first, last] },
      y: {
        range: (_, least, most) => [
          Math.min(low, least ?? low),
          high ?? Math.max((most || 0) * 1.08, low + 1),
        ],
      },
    },
    axes: [
      {
        ...axis,
        size: 20,
        gap: 2,
        space: 70,
        incrs: [
          1e3, 5e3, 15e3, 30e3, 60e3, 300e3, 600e3, 1800e3, 3600e3, 7200e3, 21600e3, 43200e3, 86400e3,
          604800e3,
        ],
        /* At the very left it would lie on the lowest figure of the other axis. */
        values: (u, splits) => splits.map((t) => (u.valToPos(t, 'x') < EDGE_PX ? '' : name(t))),
      },
      {
        ...axis,
        size: 44,
        gap: 4,
        space: 28,
        values: (_, splits) => splits.map((v) => (Math.abs(v) >= 10000 ? `${v / 1000}k` : String(v))),
      },
    ],
    series: [{}, ...props.series.map(describe)],
    hooks: {
      setCursor: [
        (u) => {
          const at = u.cursor.left === undefined || u.cursor.left < 0 ? null : u.posToVal(u.cursor.left, 'x');
          const i = at === null ? -1 : props.times.findLastIndex((one) => one <= at);
          const time = props.times[i];
          readout.textContent =
            time === undefined
              ? ''
              : `${day(time)} ${clock(time).slice(0, 5)}  ${props.series.map((s) => `${s.name} ${number((s.told ?? s.values)[i], s.decimals ?? 0)}`).join('  ')}`;
        },
      ],
      setSelect: [
        (u) => {
          const from = u.posToVal(u.select.left, 'x');
          const to = u.posToVal(u.select.left + u.select.width, 'x');
          if (u.select.width >= 5) props.press?.(from, to);
        },
      ],
    },
  };
}

/*
 * Lines as steps: each value stands until the next begins, also the last one and one that is
 * alone between gaps. Bars have a width of their own.
 */
function dataOf(props: Props): uPlot.AlignedData {
  if (props.series.some((one) => one.kind === 'bars'))
    return [props.times, ...props.series.map((one) => one.values)];
  const twice = <T,>(values: T[]): T[] => values.flatMap((value) => [value, value]);
  return [
    props.times.flatMap((t) => [t, t + props.step * 0.999]),
    ...props.series.map((one) => twice(one.values)),
  ];
}

/** What the lines say, for who does not see them: the least, the most and the last of each. */
function spoken(props: Props): string {
  const parts = props.series.map((one) => {
    const known = (one.told ?? one.values).filter((value): value is number => value !== null);
    const show = (value: number | undefined): string => number(value, one.decimals ?? 0);
    return known.length
      ? `${one.name} between ${show(Math.min(...known))} and ${show(Math.max(...known))}, last ${show(known[known.length - 1])}`
      : `${one.name} not known`;
  });
  return `${props.title}, ${props.unit}: ${parts.join('; ')}`;
}

export function Chart(props: Props): JSX.Element {
  const [box, width] = useWidth();
  const readout = useRef<HTMLSpanElement>(null);
  const look = `${dark.value} ${zone.value}`;
  useEffect(() => {
    const element = box.current?.querySelector<HTMLDivElement>('.canvas');
    if (!element || !readout.current || width < 60) return;
    const plot = new uPlot(options(props, width, readout.current), dataOf(props), element);
    let pressedAt = 0;
    plot.over.addEventListener('mousedown', (event) => (pressedAt = event.clientX));
    plot.over.addEventListener('click', (event) => {
      if (Math.abs(event.clientX - pressedAt) > 4) return; // that was a drag
      const time = plot.posToVal(event.offsetX, 'x');
      const begin = props.times.findLast((one) => one <= time);
      if (begin !== undefined) props.press?.(begin, begin + props.step);
    });
    return () => plot.destroy();
  }, [width, look, props.times, props.series]);
  return (
    <figure class={`plot chart${props.press ? ' pressable' : ''}`} ref={box}>
      <figcaption>
        <b>{props.title}</b> <span class="dim">{props.unit}</span>
        <ul>
          {props.series.map((one) => (
            <li
              key={one.name}
              class={`key ${one.colour}${one.dash ? ' dashed' : ''}${one.kind === 'bars' ? ' filled' : ''}`}
            >
              {one.name}
            </li>
          ))}
        </ul>
        <span class="readout" ref={readout} />
      </figcaption>
      <div class="canvas" role="img" aria-label={spoken(props)} />
    </figure>
  );
}
