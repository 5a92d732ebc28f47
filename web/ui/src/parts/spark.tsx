/*
 * A stream's quality over time as a small line of bars: tall and cool is good, short and warm
 * is bad, a gap is silence. Its timeline is asked for when it is seen.
 */
import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { API } from '../api/client';
import { getOnce } from '../api/query';
import type { Interval, Stream } from '../api/calltypes';
import type { Page } from '../api/types';
import { mos, rating } from '../base/format';

const WIDTH = 84;
const HEIGHT = 18;
const BARS = 42;
const REST_MS = 120; // rows that only rush by ask for nothing

interface Bar {
  at: number; // 0..1 of the width
  value: number;
}

/* As many bars as fit: of several intervals, the worst. */
function bars(intervals: Interval[]): Bar[] {
  const scored = intervals.filter((one) => one.network.mos_lq !== null);
  const first = Date.parse(intervals[0]?.at ?? '');
  const last = Date.parse(intervals[intervals.length - 1]?.at ?? '');
  const slots = Math.min(BARS, Math.max(intervals.length, 6));
  const worst = new Map<number, number>();
  for (const one of scored) {
    const share = last > first ? (Date.parse(one.at) - first) / (last - first) : 0;
    const slot = Math.min(slots - 1, Math.round(share * (Math.min(intervals.length, slots) - 1)));
    const value = lowest(one);
    worst.set(slot, Math.min(worst.get(slot) ?? 9, value));
  }
  return [...worst].map(([slot, value]) => ({ at: slot / slots, value }));
}

/** What the listener with an adaptive buffer had, else what the network left. */
export function lowest(interval: Interval): number {
  const adaptive = interval.buffers.find((buffer) => buffer.name === 'adaptive');
  return adaptive?.mos_lq ?? interval.network.mos_lq ?? 9;
}

export function Spark({
  stream,
  pending,
}: {
  stream: Stream | null;
  pending: boolean;
}): JSX.Element | string {
  const [drawn, setDrawn] = useState<Bar[] | null>(null);
  const id = stream?.id ?? null;
  const goesOn = stream?.flags.includes('in_progress') ?? false; // its timeline is told at the end
  useEffect(() => {
    setDrawn(null);
    if (id === null || goesOn) return;
    let gone = false;
    const timer = window.setTimeout(() => {
      getOnce<Page<Interval>>(`${API}/streams/${encodeURIComponent(id)}/timeline`).then(
        (page) => !gone && setDrawn(bars(page.items)),
        () => !gone && setDrawn([]),
      );
    }, REST_MS);
    return () => {
      gone = true;
      window.clearTimeout(timer);
    };
  }, [id, goesOn]);
  if (!stream) return pending ? '…' : '–';
  if (goesOn)
    return (
      <span class={`mos ${rating(stream.mos_lq)}`}>
        <span class="figure">{mos(stream.mos_lq)}</span> <small>so far</small>
      </span>
    );
  const rated = rating(stream.mos_lq);
  const label = `MOS ${mos(stream.mos_lq)}${rated === 'none' ? '' : `, ${rated}`}`;
  const slots = drawn ? Math.max(6, Math.min(BARS, drawn.length)) : 6;
  const step = WIDTH / slots;
  return (
    <svg class="spark" viewBox={`0 0 ${WIDTH} ${HEIGHT}`} role="img" aria-label={label}>
      <title>{label}</title>
      <line class="base" x1="0" x2={WIDTH} y1={HEIGHT - 0.5} y2={HEIGHT - 0.5} />
      {(drawn ?? []).map((bar) => {
        const height = Math.max(2, ((bar.value - 1) / 3.5) * (HEIGHT - 2));
        return (
          <rect
            key={bar.at}
            class={`fill ${rating(bar.value)}`}
            x={bar.at * WIDTH}
            y={HEIGHT - 1 - height}
            width={Math.max(1, Math.min(step, WIDTH / 8) - 0.6)}
            height={height}
          />
        );
      })}
    </svg>
  );
}
