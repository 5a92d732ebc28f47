/* A plot of figures over the call's time axis; looking closer in one looks closer in all. */
import type { JSX } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import uPlot from 'uplot';
import { clock } from '../base/format';
import { dark, zone } from '../base/settings';
import { token, useWidth } from '../parts/canvas';
import type { Axis } from './axis';
import { ticks } from './axis';
import { gutter } from './timeline';

export interface Line {
  name: string;
  colour: string; // name of a colour token
  dash?: number[];
  bars?: boolean;
  values: (number | null)[];
}

interface Props {
  title: string;
  unit: string;
  axis: Axis;
  times: number[]; // ms, rising
  lines: Line[];
  range: [number, number | null]; // null: as high as the figures go
  height?: number;
}

const RIGHT_PX = 8;
const EDGE_PX = 28;

function series(line: Line): uPlot.Series {
  const stroke = token(line.colour);
  const bars = uPlot.paths.bars;
  const stepped = uPlot.paths.stepped;
  return {
    label: line.name,
    stroke,
    width: line.bars ? 0 : 1.75,
    points: { show: false },
    ...(line.dash ? { dash: line.dash } : {}),
    ...(line.bars && bars ? { fill: `${stroke}`, paths: bars({ size: [0.8, 24], align: 1 }) } : {}),
    ...(!line.bars && stepped ? { paths: stepped({ align: 1 }) } : {}),
  };
}

function options(props: Props, width: number): uPlot.Options {
  const grid = { stroke: token('line'), width: 1 };
  const dim = token('dim');
  return {
    width,
    height: props.height ?? 120,
    padding: [8, RIGHT_PX, 0, 0],
    ms: 1,
    legend: { show: false },
    cursor: { sync: { key: 'call' }, drag: { x: true, y: false, setScale: false }, points: { size: 6 } },
    scales: {
      x: { time: false, range: () => [props.axis.shown.peek().from, props.axis.shown.peek().to] },
      y: {
        range: (_, low, high) => [props.range[0], props.range[1] ?? Math.max(high || 0, low + 1, 2) * 1.1],
      },
    },
    axes: [
      {
        stroke: dim,
        grid,
        ticks: { show: false },
        size: 18,
        font: '11px system-ui',
        gap: 2,
        splits: (u) => ticks(props.axis.shown.peek(), Math.max(2, (u.width - gutter()) / 110)).at,
        values: (u, splits) => {
          const { decimals } = ticks(props.axis.shown.peek(), splits.length + 1);
          /* At the very left it would lie on the lowest figure of the other axis. */
          return splits.map((t) => (u.valToPos(t, 'x') < EDGE_PX ? '' : clock(t, decimals)));
        },
      },
      {
        stroke: dim,
        grid,
        ticks: { show: false },
        size: gutter(),
        font: '11px system-ui',
        gap: 6,
        space: 24,
      },
    ],
    series: [{}, ...props.lines.map(series)],
    hooks: {
      setSelect: [
        (u) => {
          if (u.select.width < 5) return;
          props.axis.show({
            from: u.posToVal(u.select.left, 'x'),
            to: u.posToVal(u.select.left + u.select.width, 'x'),
          });
          u.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
        },
      ],
    },
  };
}

export function Plot(props: Props): JSX.Element {
  const [box, width] = useWidth();
  const made = useRef<uPlot | null>(null);
  const span = props.axis.shown.value;
  const look = `${dark.value} ${zone.value} ${props.lines.map((line) => line.name).join()}`;
  useEffect(() => {
    const element = box.current?.querySelector<HTMLDivElement>('.canvas');
    if (!element || width <= gutter()) return;
    const data: uPlot.AlignedData = [props.times, ...props.lines.map((line) => line.values)];
    const plot = new uPlot(options(props, width), data, element);
    made.current = plot;
    const reset = (): void => props.axis.reset();
    plot.over.addEventListener('dblclick', reset);
    return () => {
      plot.destroy();
      made.current = null;
    };
  }, [width, look, props.times, props.lines, props.axis]);
  useEffect(() => {
    made.current?.setScale('x', { min: span.from, max: span.to });
  }, [span.from, span.to]);
  return (
    <figure class="plot" ref={box}>
      <figcaption>
        <b>{props.title}</b> <span class="dim">{props.unit}</span>
        <ul>
          {props.lines.map((line) => (
            <li
              key={line.name}
              class={`key ${line.colour}${line.dash ? ' dashed' : ''}${line.bars ? ' filled' : ''}`}
            >
              {line.name}
            </li>
          ))}
        </ul>
      </figcaption>
      <div
        class="canvas"
        role="img"
        aria-label={`${props.title} over time; the cards below have the figures`}
      />
    </figure>
  );
}
