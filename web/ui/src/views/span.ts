/*
 * Of what time a view speaks: as the URL says, else the last hour of a probe that listens, or
 * all of a recording.
 */
import { API } from '../api/client';
import { running } from '../api/live';
import { stepFor } from '../api/kpis';
import type { Step } from '../api/kpis';
import { useEffect, useState } from 'preact/hooks';
import { useQuery } from '../api/query';
import type { Query } from '../api/query';
import type { KpiAnswer } from '../api/kpitypes';
import { clock, day, zoneName } from '../base/format';
import { parameter } from '../base/route';

export interface Span {
  ready: boolean;
  live: boolean; // it ends now
  parameters: { from?: string; to?: string };
  step: Step;
  text: string; // for people
  /** Longer steps, where the server has not all of the time by these: more calls, more minutes. */
  fit: (steps: Query<KpiAnswer>) => void;
}

const LONGER: Record<Step, Step> = { minute: 'hour', hour: 'day', day: 'day' };

const RECENT_MS = 15 * 60e3;
const RELATIVE = /^-(\d+)(m|h|d|w)$/;
const WORDS: Record<string, string> = { m: 'minute', h: 'hour', d: 'day', w: 'week' };
const UNITS: Record<string, number> = { m: 60e3, h: 3600e3, d: 86400e3, w: 604800e3 };

function moment(time: string): number | null {
  const relative = RELATIVE.exec(time);
  if (relative) return Date.now() - Number(relative[1]) * (UNITS[relative[2] ?? 'm'] ?? 60e3);
  const at = Date.parse(time);
  return Number.isFinite(at) ? at : null;
}

export function useSpan(): Span {
  const from = parameter('from');
  const to = parameter('to');
  const whole = useQuery<KpiAnswer>(`${API}/kpis?kpi=asr`);
  const data = whole.data;
  const first = data?.from ? Date.parse(data.from) : null;
  const last = data?.to ? Date.parse(data.to) : null;
  const listening = running.value ?? (last !== null && Date.now() - last < RECENT_MS);
  const ready = data !== undefined || whole.error !== undefined;
  const parameters: { from?: string; to?: string } = {};
  if (from) parameters.from = from;
  else if (listening && !to) parameters.from = '-1h';
  if (to) parameters.to = to;
  const begin = (parameters.from ? moment(parameters.from) : first) ?? Date.now() - 3600e3;
  const end = (to ? moment(to) : listening ? Date.now() : last) ?? Date.now();
  const sameDay = day(begin) === day(end);
  const named = RELATIVE.exec(parameters.from ?? '');
  const text =
    named && !to
      ? `in the last ${named[1] === '1' ? '' : `${named[1]} `}${WORDS[named[2] ?? 'm']}${named[1] === '1' ? '' : 's'}`
      : `${day(begin)} ${clock(begin).slice(0, 5)} – ${sameDay ? '' : `${day(end)} `}${clock(end).slice(0, 5)} ${zoneName()}`;
  const question = `${from} ${to}`;
  const [least, setLeast] = useState<{ question: string; step: Step } | null>(null);
  const step = least?.question === question ? least.step : stepFor(end - begin);
  const fit = (steps: Query<KpiAnswer>): void =>
    useEffect(() => {
      if (!steps.loading && steps.data?.reached) setLeast({ question, step: LONGER[step] });
    }, [steps.data, steps.loading]);
  return { ready, live: listening && !to, parameters, step, text, fit };
}
