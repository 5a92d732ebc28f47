/* The timelines of a call's streams, as they come in. */
import { useEffect, useState } from 'preact/hooks';
import { API } from '../api/client';
import { getOnce } from '../api/query';
import type { Interval, Stream } from '../api/calltypes';
import type { Id, Page } from '../api/types';

export type Timelines = ReadonlyMap<Id, Interval[]>;

const STREAMS_MAX = 40;

export function useTimelines(streams: Stream[]): Timelines {
  const [found, setFound] = useState<Timelines>(new Map());
  const ids = streams
    .filter((stream) => !stream.flags.includes('in_progress')) // theirs is told at the end
    .slice(0, STREAMS_MAX)
    .map((stream) => stream.id)
    .join(' ');
  useEffect(() => {
    let gone = false;
    setFound(new Map());
    for (const id of ids.split(' ').filter(Boolean)) {
      getOnce<Page<Interval>>(`${API}/streams/${encodeURIComponent(id)}/timeline`).then(
        (page) => !gone && setFound((before) => new Map(before).set(id, page.items)),
        () => undefined, // its band stays plain
      );
    }
    return () => {
      gone = true;
    };
  }, [ids]);
  return found;
}

/** What a score may be of: the losses alone, or with a jitter buffer behind them. */
export const BUFFERS: Record<string, string> = {
  adaptive: 'adaptive buffer',
  f50: 'fixed buffer of 50 ms',
  f200: 'fixed buffer of 200 ms',
  network: 'network loss alone',
};

const USUAL_MS = 5000;

/** ms that an interval lasts: the least distance between two. */
export function stepOf(intervals: Interval[]): number {
  let least = Infinity;
  for (let i = 1; i < intervals.length; i++) {
    const distance = Date.parse(intervals[i]?.at ?? '') - Date.parse(intervals[i - 1]?.at ?? '');
    if (distance > 0) least = Math.min(least, distance);
  }
  return Number.isFinite(least) ? least : USUAL_MS;
}

export function scoreOf(interval: Interval, buffer: string): number | null {
  if (buffer === 'network') return interval.network.mos_lq;
  return interval.buffers.find((one) => one.name === buffer)?.mos_lq ?? interval.network.mos_lq;
}
