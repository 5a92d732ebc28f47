/* What the loaded calls look like: over time, by MOS, by outcome. A press filters. */
import type { JSX } from 'preact';
import type { CallRows, Row } from '../api/rows';
import { clock, day, number, rating, words } from '../base/format';
import { equal } from '../base/filters';
import { set } from '../base/route';
import { Histogram } from '../parts/histogram';
import type { HistogramBar } from '../parts/histogram';

const TIME_BARS = 40;
const MOS_EDGES = [1, 1.5, 2, 2.5, 2.8, 3.1, 3.35, 3.6, 3.8, 4.03, 4.2, 4.35, 4.5];

function overTime(rows: Row[]): { bars: HistogramBar[]; axis: [string, string] } {
  const starts = rows.flatMap((row) => (row.call.start ? [Date.parse(row.call.start)] : []));
  const first = Math.min(...starts);
  const last = Math.max(...starts);
  const step = Math.max(1000, Math.ceil((last - first + 1) / TIME_BARS / 1000) * 1000);
  const counts = new Array<number>(TIME_BARS).fill(0);
  for (const start of starts) {
    const slot = Math.min(TIME_BARS - 1, Math.floor((start - first) / step));
    counts[slot] = (counts[slot] ?? 0) + 1;
  }
  const bars = counts.map((count, i) => {
    const from = new Date(Math.floor(first / 1000) * 1000 + i * step);
    const to = new Date(from.getTime() + step);
    return {
      label: `${clock(from.getTime())} – ${clock(to.getTime())}`,
      count,
      kind: 'plain',
      press: () => set({ from: from.toISOString(), to: to.toISOString() }),
    };
  });
  const name = (at: number): string => (day(first) === day(last) ? clock(at) : `${day(at)} ${clock(at)}`);
  return { bars, axis: [name(first), name(last)] };
}

function byMos(rows: Row[], add: (filter: string) => void): HistogramBar[] {
  return MOS_EDGES.slice(0, -1).map((low, i) => {
    const high = MOS_EDGES[i + 1] ?? 5;
    const last = i === MOS_EDGES.length - 2;
    const count = rows.filter((row) => {
      const value = row.call.mos_lq_min;
      return value !== null && value >= low && (last || value < high);
    }).length;
    return {
      label: `MOS ${low.toFixed(2)} to ${high.toFixed(2)}`,
      count,
      kind: rating(low),
      press: () => add(last ? `mos_lq_min >= ${low}` : `mos_lq_min >= ${low} and mos_lq_min < ${high}`),
    };
  });
}

function Outcomes({ rows, add }: { rows: Row[]; add: (filter: string) => void }): JSX.Element {
  const counts = new Map<string, number>();
  for (const row of rows) if (row.call.state) counts.set(row.call.state, (counts.get(row.call.state) ?? 0) + 1);
  const sorted = [...counts].sort((a, b) => b[1] - a[1]);
  return (
    <figure class="outcomes">
      <figcaption>Outcome</figcaption>
      <ul>
        {sorted.map(([state, count]) => (
          <li key={state}>
            <button type="button" onClick={() => add(equal('state', state))} aria-label={`${words(state)}: ${count} calls`}>
              <span class="share" style={{ width: `${(count / rows.length) * 100}%` }} />
              <span>{words(state)}</span>
              <b>{number(count)}</b>
            </button>
          </li>
        ))}
      </ul>
    </figure>
  );
}

export function CallCharts({ rows, add }: { rows: CallRows; add: (filter: string) => void }): JSX.Element | null {
  void rows.version.value;
  const loaded = rows.loaded();
  if (loaded.length < 2) return null;
  const time = overTime(loaded);
  const of = rows.more ? `, of the ${number(loaded.length)} loaded` : '';
  return (
    <section class="charts" aria-label={`Charts of ${loaded.length} calls`}>
      <Histogram title={`Calls over time${of}`} bars={time.bars} axis={time.axis} />
      <Histogram title={`Lowest MOS${of}`} bars={byMos(loaded, add)} axis={['1.00', '4.50']} />
      <Outcomes rows={loaded} add={add} />
    </section>
  );
}
