/* Questions to /kpis, and what their rows say of quality. */
import { target } from './client';
import type { Band } from './calltypes';
import type { Kpis } from './kpitypes';

export interface KpiQuestion {
  from?: string;
  to?: string;
  filter?: string;
  group?: string;
  step?: Step;
  view?: string;
}

export type Step = 'minute' | 'hour' | 'day';

export const STEP_MS: Record<Step, number> = { minute: 60e3, hour: 3600e3, day: 86400e3 };

export function kpis(question: KpiQuestion): string {
  const { from, to, filter, step, view, group } = question;
  return target('/kpis', { from, to, filter, step, view, group_by: group });
}

/** A step that makes neither too few points for such a span, nor too many. */
export function stepFor(ms: number): Step {
  if (ms <= 8 * 3600e3) return 'minute';
  return ms <= 14 * 86400e3 ? 'hour' : 'day';
}

/** The lowest of the bands that have a value, on their common scale of MOS. */
export function worstMos(row: Kpis, which: 'p5' | 'p50'): { value: number | null; band: Band | null } {
  const all: [Band, number | null][] =
    which === 'p5'
      ? [
          ['nb', row.mos_nb_p5],
          ['wb', row.mos_wb_p5],
          ['fb', row.mos_fb_p5],
        ]
      : [
          ['nb', row.mos_nb_p50],
          ['wb', row.mos_wb_p50],
          ['fb', row.mos_fb_p50],
        ];
  let found: { value: number | null; band: Band | null } = { value: null, band: null };
  for (const [band, value] of all)
    if (value !== null && (found.value === null || value < found.value)) found = { value, band };
  return found;
}

/** One row for each step from the first to the last, null where nothing was. */
export function everyStep(rows: Kpis[], step: Step): { times: number[]; rows: (Kpis | null)[] } {
  const byTime = new Map(rows.map((row) => [Date.parse(row.from), row]));
  const known = [...byTime.keys()].sort((a, b) => a - b);
  const first = known[0];
  const last = known[known.length - 1];
  if (first === undefined || last === undefined) return { times: [], rows: [] };
  const times: number[] = [];
  // Hours and days are of a local calendar: what is known keeps its own time.
  for (let t = first; t <= last; t += STEP_MS[step]) if (!byTime.has(t)) times.push(t);
  const near = (t: number): boolean => known.some((k) => k !== t && Math.abs(k - t) < STEP_MS[step] / 2);
  const all = [...times.filter((t) => !near(t)), ...known].sort((a, b) => a - b);
  return { times: all, rows: all.map((t) => byTime.get(t) ?? null) };
}
