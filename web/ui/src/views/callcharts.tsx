/* What the loaded calls look like: over time, by MOS, by outcome. A press filters. */
import type { JSX } from 'preact';
import { kpis } from '../api/kpis';
import { useQuery } from '../api/query';
import type { CallRows, Row } from '../api/rows';
import type { KpiAnswer } from '../api/kpitypes';
import { clock, day, number, rating, words } from '../base/format';
import { equal } from '../base/filters';
import { set } from '../base/route';
import { Histogram } from '../parts/histogram';
import type { HistogramBar } from '../parts/histogram';
import { useSpan } from './span';

const TIME_BARS = 60;
const MOS_EDGES = [1, 1.5, 2, 2.5, 2.8, 3.1, 3.35, 3.6, 3.8, 4.03, 4.2, 4.35, 4.5];

interface Counted {
  at: number; // ms
  count: number;
}

function overTime(counted: Counted[], least: number): { bars: HistogramBar[]; axis: [string, string] } {
  const times = counted.map((one) => one.at);
  const first = Math.min(...times);
  const last = Math.max(...times);
  const step = Math.max(least, Math.ceil((last - first + 1) / TIME_BARS / least) * least);
  const counts = new Array<number>(Math.min(TIME_BARS, Math.floor((last - first) / step) + 1)).fill(0);
  for (const { at, count } of counted) {
    const slot = Math.min(counts.length - 1, Math.floor((at - first) / step));
    counts[slot] = (counts[slot] ?? 0) + count;
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
  for (const row of rows)
    if (row.call.state) counts.set(row.call.state, (counts.get(row.call.state) ?? 0) + 1);
  const sorted = [...counts].sort((a, b) => b[1] - a[1]);
  return (
    <figure class="outcomes">
      <figcaption>Outcome</figcaption>
      <ul>
        {sorted.map(([state, count]) => (
          <li key={state}>
            <button
              type="button"
              onClick={() => add(equal('state', state))}
              title={`${words(state)}: ${count} calls`}
            >
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

/** Without a filter the indicators know how many calls there were when, however many. */
function useAllOverTime(filter: string, from: string, to: string): Counted[] | null {
  const span = useSpan();
  const wanted = filter === '' && span.ready;
  const answer = useQuery<KpiAnswer>(wanted ? kpis({ from, to, view: 'call', step: span.step }) : null);
  if (!wanted || !answer.data) return null;
  return answer.data.items.map((row) => ({ at: Date.parse(row.from), count: row.seen }));
}

export function CallCharts({
  rows,
  add,
  filter,
  from,
  to,
}: {
  rows: CallRows;
  add: (filter: string) => void;
  filter: string;
  from: string;
  to: string;
}): JSX.Element | null {
  void rows.version.value;
  const all = useAllOverTime(filter, from, to);
  const loaded = rows.loaded();
  if (loaded.length < 2) return null;
  const shown = loaded.flatMap((row) =>
    row.call.start ? [{ at: Date.parse(row.call.start), count: 1 }] : [],
  );
  const whole = all && all.length > 1 ? all : null;
  const time = overTime(whole ?? shown, whole ? 60e3 : 1000);
  const of = rows.more || loaded.length < rows.count ? `, of the ${number(loaded.length)} loaded` : '';
  return (
    <section class="charts" aria-label={`Charts of ${loaded.length} calls`}>
      <Histogram title={`Calls over time${whole ? ', of all' : of}`} bars={time.bars} axis={time.axis} />
      <Histogram title={`Lowest MOS${of}`} bars={byMos(loaded, add)} axis={['1.00', '4.50']} />
      <Outcomes rows={loaded} add={add} />
    </section>
  );
}
