/* MOS, loss and jitter of the streams over time. */
import type { JSX } from 'preact';
import { useMemo } from 'preact/hooks';
import type { Interval, Stream } from '../api/calltypes';
import type { Axis } from './axis';
import { at } from './axis';
import { Plot } from './plot';
import type { Line } from './plot';
import { BUFFERS, scoreOf, stepOf } from './timelines';
import type { Timelines } from './timelines';

const STREAMS_MAX = 4; // more lines than that nobody can tell apart
const COLOURS = ['forward', 'reverse', 'third', 'fourth'];

/* When an interval's figures begin: with the wall clock, but not before the stream. */
function begins(one: Interval, stream: Stream): number {
  return Math.max(Date.parse(one.at), at(stream.first) ?? 0);
}

/* All times at which any stream has a value; where a stream ends, a gap. */
function timesOf(streams: Stream[], timelines: Timelines): number[] {
  const all = new Set<number>();
  for (const stream of streams) {
    const intervals = timelines.get(stream.id) ?? [];
    const last = intervals[intervals.length - 1];
    for (const one of intervals) all.add(begins(one, stream));
    if (last) all.add(Math.min(Date.parse(last.at) + stepOf(intervals), at(stream.last) ?? Infinity));
  }
  return [...all].sort((a, b) => a - b);
}

/* A value stands until the next interval or the stream's end, and never over a pause. */
function valuesOf(
  times: number[],
  stream: Stream,
  intervals: Interval[],
  read: (one: Interval) => number | null,
): (number | null)[] {
  const step = stepOf(intervals);
  const end = at(stream.last) ?? Infinity;
  let next = 0;
  return times.map((t) => {
    while (next < intervals.length && begins(intervals[next] as Interval, stream) <= t) next++;
    const one = intervals[next - 1];
    if (!one || t > end || t >= Date.parse(one.at) + step * 1.01) return null;
    return read(one);
  });
}

function nameOf(stream: Stream): string {
  const way = stream.direction === 'forward' ? '→' : stream.direction === 'reverse' ? '←' : '·';
  return `${way} ${stream.codec ?? 'RTP'} ${stream.point ?? stream.src ?? ''}`;
}

export function Plots({
  axis,
  streams,
  timelines,
  buffer,
}: {
  axis: Axis;
  streams: Stream[];
  timelines: Timelines;
  buffer: string;
}): JSX.Element | null {
  const shown = streams.filter((stream) => (timelines.get(stream.id)?.length ?? 0) > 0).slice(0, STREAMS_MAX);
  const made = useMemo(() => {
    const times = timesOf(shown, timelines);
    const lines = (read: (one: Interval) => number | null, more: Partial<Line> = {}, suffix = ''): Line[] =>
      shown.map((stream, i) => ({
        name: nameOf(stream) + suffix,
        colour: COLOURS[i] ?? 'dim',
        values: valuesOf(times, stream, timelines.get(stream.id) ?? [], read),
        ...more,
      }));
    return {
      times,
      mos: lines((one) => scoreOf(one, buffer)),
      loss: lines((one) => one.loss_pct),
      jitter: [
        ...lines((one) => one.jitter_mean_ms, {}, ' jitter'),
        ...lines((one) => one.pdv_p95_ms, { dash: [4, 3] }, ' PDV 95 %'),
      ],
    };
  }, [timelines, streams, buffer]);
  if (shown.length === 0) return null;
  return (
    <div class="plots">
      <Plot
        title="MOS"
        unit={`listening quality, ${BUFFERS[buffer] ?? buffer}`}
        axis={axis}
        times={made.times}
        lines={made.mos}
        range={[1, 4.6]}
      />
      <Plot
        title="Loss"
        unit="% of expected packets"
        axis={axis}
        times={made.times}
        lines={made.loss}
        range={[0, null]}
        height={90}
      />
      <Plot
        title="Jitter and delay variation"
        unit="ms"
        axis={axis}
        times={made.times}
        lines={made.jitter}
        range={[0, null]}
      />
    </div>
  );
}
