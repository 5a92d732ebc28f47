/* MOS, loss and jitter of the streams over time. */
import type { JSX } from 'preact';
import { useMemo } from 'preact/hooks';
import type { Interval, Stream } from '../api/types';
import type { Axis } from './axis';
import { at } from './axis';
import { Plot } from './plot';
import type { Line } from './plot';
import { scoreOf, stepOf } from './timelines';
import type { Timelines } from './timelines';

const STREAMS_MAX = 4; // more lines than that nobody can tell apart
const COLOURS = ['forward', 'reverse', 'third', 'fourth'];

/* All times at which any stream has a value; where a stream ends, a gap. */
function timesOf(streams: Stream[], timelines: Timelines): number[] {
  const all = new Set<number>();
  for (const stream of streams) {
    const intervals = timelines.get(stream.id) ?? [];
    const last = intervals[intervals.length - 1];
    for (const one of intervals) all.add(Date.parse(one.at));
    if (last) all.add(Math.min(Date.parse(last.at) + stepOf(intervals), at(stream.last) ?? Infinity));
  }
  return [...all].sort((a, b) => a - b);
}

function valuesOf(times: number[], intervals: Interval[], read: (one: Interval) => number | null, hold: boolean): (number | null)[] {
  const known = new Map(intervals.map((one) => [Date.parse(one.at), read(one)]));
  let before: number | null = null;
  return times.map((t) => {
    const value = known.get(t);
    if (value !== undefined) before = value;
    const shown = value !== undefined ? value : hold ? before : null;
    if (value === undefined) before = null;
    return shown;
  });
}

function nameOf(stream: Stream): string {
  const way = stream.direction === 'forward' ? '→' : stream.direction === 'reverse' ? '←' : '·';
  return `${way} ${stream.codec ?? 'RTP'} ${stream.src ?? ''}`;
}

export function Plots({ axis, streams, timelines }: {
  axis: Axis;
  streams: Stream[];
  timelines: Timelines;
}): JSX.Element | null {
  const shown = streams.filter((stream) => (timelines.get(stream.id)?.length ?? 0) > 0).slice(0, STREAMS_MAX);
  const made = useMemo(() => {
    const times = timesOf(shown, timelines);
    const lines = (read: (one: Interval, stream: Stream) => number | null, more: Partial<Line> = {}, suffix = ''): Line[] =>
      shown.map((stream, i) => ({
        name: nameOf(stream) + suffix,
        colour: COLOURS[i] ?? 'dim',
        values: valuesOf(times, timelines.get(stream.id) ?? [], (one) => read(one, stream), !more.bars),
        ...more,
      }));
    return {
      times,
      mos: lines((one, stream) => scoreOf(one, stream.mos_buffer ?? 'adaptive')),
      loss: lines((one) => one.loss_pct),
      jitter: [
        ...lines((one) => one.jitter_mean_ms, {}, ' jitter'),
        ...lines((one) => one.pdv_p95_ms, { dash: [4, 3] }, ' PDV 95 %'),
      ],
    };
  }, [timelines, streams]);
  if (shown.length === 0) return null;
  return (
    <div class="plots">
      <Plot title="MOS" unit="listening quality, adaptive buffer" axis={axis} times={made.times} lines={made.mos} range={[1, 4.6]} />
      <Plot title="Loss" unit="% of expected packets" axis={axis} times={made.times} lines={made.loss} range={[0, null]} height={90} />
      <Plot title="Jitter and delay variation" unit="ms" axis={axis} times={made.times} lines={made.jitter} range={[0, null]} />
    </div>
  );
}
