/* Trunks beside each other; one of them over time, by hour of the week and by response code. */
import type { JSX } from 'preact';
import { useMemo } from 'preact/hooks';
import { everyStep, kpis, STEP_MS, worstMos } from '../api/kpis';
import { useQuery } from '../api/query';
import type { KpiAnswer, Kpis } from '../api/kpitypes';
import { UNKNOWN, duration, ms, number, percent } from '../base/format';
import { equal } from '../base/filters';
import { link, parameter, place, set } from '../base/route';
import { Chart } from '../parts/chart';
import type { Series } from '../parts/chart';
import { Mos } from '../parts/mos';
import { Answer, Empty } from '../parts/states';
import { TimeRange } from '../parts/timerange';
import { useSpan } from './span';
import type { Span } from './span';
import { Trunk } from './trunk';

type Figure = {
  title: string;
  right?: boolean;
  value: (row: Kpis) => number | null;
  show: (row: Kpis) => JSX.Element | string;
  title2?: string;
};

/** How full the configured channels were at the peak. */
function channelsOf(row: Kpis): JSX.Element | string {
  if (row.channels_configured === null) return UNKNOWN;
  const kind = (row.channels_used_pct ?? 0) >= 100 ? 'bad' : (row.channels_used_pct ?? 0) >= 80 ? 'warn' : '';
  return (
    <>
      {number(row.channels_configured)} <span class={`tag ${kind}`}>{percent(row.channels_used_pct, 0)}</span>
    </>
  );
}

const FIGURES: Figure[] = [
  { title: 'Calls', right: true, value: (r) => r.seizures, show: (r) => number(r.seizures) },
  { title: 'ASR', right: true, value: (r) => r.asr, show: (r) => percent(r.asr, 1) },
  { title: 'NER', right: true, value: (r) => r.ner, show: (r) => percent(r.ner, 1) },
  { title: 'ACD', right: true, value: (r) => r.acd_s, show: (r) => duration(r.acd_s) },
  { title: 'PDD 50 %', right: true, value: (r) => r.pdd_p50_ms, show: (r) => ms(r.pdd_p50_ms) },
  { title: 'PDD 95 %', right: true, value: (r) => r.pdd_p95_ms, show: (r) => ms(r.pdd_p95_ms) },
  { title: 'SRD 95 %', right: true, value: (r) => r.srd_p95_ms, show: (r) => ms(r.srd_p95_ms) },
  { title: 'MOS 50 %', value: (r) => worstMos(r, 'p50').value, show: (r) => <Mos {...worstMos(r, 'p50')} /> },
  { title: 'MOS 5 %', value: (r) => worstMos(r, 'p5').value, show: (r) => <Mos {...worstMos(r, 'p5')} /> },
  { title: 'Loss 95 %', right: true, value: (r) => r.loss_p95_pct, show: (r) => percent(r.loss_p95_pct, 1) },
  { title: 'One-way', right: true, value: (r) => r.one_way_pct, show: (r) => percent(r.one_way_pct, 1) },
  { title: 'Short', right: true, value: (r) => r.short_pct, show: (r) => percent(r.short_pct, 1) },
  {
    title: 'Refused for room',
    right: true,
    value: (r) => r.capacity_rejects,
    show: (r) => number(r.capacity_rejects),
  },
  { title: 'At once', right: true, value: (r) => r.concurrent_peak, show: (r) => number(r.concurrent_peak) },
  { title: 'of channels', right: true, value: (r) => r.channels_used_pct, show: channelsOf },
  { title: 'Channels for 1 %', right: true, value: (r) => r.channels, show: (r) => number(r.channels) },
];

const WAYS = [
  { name: '', title: 'Both directions' },
  { name: 'inbound', title: 'Inbound' },
  { name: 'outbound', title: 'Outbound' },
];

const COLOURS = ['forward', 'reverse', 'third', 'fourth', 'good', 'fair', 'bad', 'none'];

function byFigure(rows: Kpis[], sort: string): Kpis[] {
  const down = sort.startsWith('-');
  const figure = FIGURES.find((one) => one.title === sort.replace(/^-/, ''));
  if (!figure) return [...rows].sort((a, b) => b.seizures - a.seizures);
  const of = (row: Kpis): number => figure.value(row) ?? -Infinity;
  return [...rows].sort((a, b) => (down ? of(b) - of(a) : of(a) - of(b)));
}

function Compare({
  rows,
  name,
  view,
  span,
}: {
  rows: Kpis[];
  name: (row: Kpis) => string;
  view: 'trunk' | 'peer';
  span: Span;
}): JSX.Element {
  const sort = parameter('sort');
  const most = Math.max(1, ...rows.map((row) => row.seizures));
  return (
    <section class="card scrollx">
      <table class="compare">
        <thead>
          <tr>
            <th>{view === 'trunk' ? 'Trunk' : 'Address'}</th>
            {FIGURES.map((figure) => (
              <th
                key={figure.title}
                class={figure.right ? 'right' : ''}
                aria-sort={
                  sort === figure.title ? 'ascending' : sort === `-${figure.title}` ? 'descending' : undefined
                }
              >
                <button
                  type="button"
                  class="plain"
                  onClick={() =>
                    set({ sort: sort === `-${figure.title}` ? figure.title : `-${figure.title}` })
                  }
                >
                  {figure.title}
                  {sort === figure.title ? ' ▴' : sort === `-${figure.title}` ? ' ▾' : ''}
                </button>
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {byFigure(rows, sort).map((row) => (
            <tr key={name(row)}>
              <th>
                {view === 'trunk' ? (
                  <a href={link('trunks', name(row), span.parameters)}>{name(row)}</a>
                ) : (
                  <a href={link('calls', '', { filter: equal('address', name(row)), ...span.parameters })}>
                    {name(row)}
                  </a>
                )}
                <span class="under" aria-hidden="true">
                  <i style={{ width: `${(row.seizures / most) * 100}%` }} />
                </span>
              </th>
              {FIGURES.map((figure) => (
                <td key={figure.title} class={figure.right ? 'right' : ''}>
                  {figure.show(row)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

/** The trunks with the most calls, and their rows by time. */
class ByTrunk {
  readonly times: number[];
  readonly names: string[];
  private readonly known = new Map<string, Map<number, Kpis>>();

  /** order: all trunks, so that one has the same colour in every chart. */
  constructor(
    answer: KpiAnswer,
    span: Span,
    private readonly order: string[],
  ) {
    const rows = answer.items.filter((row) => row.trunk);
    for (const row of rows) {
      const name = row.trunk ?? '';
      const ofTrunk = this.known.get(name) ?? new Map<number, Kpis>();
      this.known.set(name, ofTrunk.set(Date.parse(row.from), row));
    }
    this.names = order.filter((name) => this.known.has(name)).slice(0, COLOURS.length);
    this.times = everyStep(rows, span.step).times;
  }

  values(name: string, read: (row: Kpis) => number | null): (number | null)[] {
    const rows = this.known.get(name);
    return this.times.map((t) => {
      const row = rows?.get(t);
      return row ? read(row) : null;
    });
  }

  private colour(name: string): string {
    return COLOURS[this.order.indexOf(name)] ?? 'dim';
  }

  lines(read: (row: Kpis) => number | null, decimals = 0): Series[] {
    return this.names.map((name) => ({
      name,
      colour: this.colour(name),
      kind: 'line',
      values: this.values(name, read),
      decimals,
    }));
  }

  /** Percent of the calls at that time, one on the other; the topmost lies behind the rest. */
  shares(): Series[] {
    const counts = this.names.map((name) => this.values(name, (row) => row.seizures).map((n) => n ?? 0));
    const totals = this.times.map((_, t) => counts.reduce((sum, values) => sum + (values[t] ?? 0), 0));
    const below = this.times.map(() => 0);
    const stacked = counts.map((values, i): Series => {
      const told = values.map((n, t) => (totals[t] ? (n / (totals[t] ?? 1)) * 100 : null));
      const drawn = told.map((share, t) => {
        if (share === null) return null;
        below[t] = (below[t] ?? 0) + share;
        return below[t] ?? null;
      });
      const name = this.names[i] ?? '';
      return { name, colour: this.colour(name), kind: 'stack', values: drawn, told, decimals: 1 };
    });
    return stacked.reverse();
  }
}

function Over({
  answer,
  span,
  order,
}: {
  answer: KpiAnswer;
  span: Span;
  order: string[];
}): JSX.Element | null {
  const made = useMemo(() => {
    const by = new ByTrunk(answer, span, order);
    return {
      times: by.times,
      calls: by.lines((r) => r.seizures),
      ner: by.lines((r) => r.ner, 1),
      busy: by.lines((r) => r.concurrent_peak),
      mos: by.lines((r) => worstMos(r, 'p5').value, 2),
    };
  }, [answer]);
  if (made.times.length < 2) return null;
  const common = { times: made.times, step: STEP_MS[span.step] };
  return (
    <>
      <Chart {...common} title="Calls offered" unit={`each ${span.step}`} series={made.calls} />
      <Chart {...common} title="Calls at once" unit="most" series={made.busy} />
      <Chart {...common} title="NER" unit="%" series={made.ner} range={[0, 100]} />
      <Chart {...common} title="MOS, worst 5 %" unit="lowest band" series={made.mos} range={[1, 4.6]} />
    </>
  );
}

/** Who carried what share of the calls: a failover from primary to backup is a change of colour. */
function Shares({
  answer,
  way,
  span,
  order,
}: {
  answer: KpiAnswer;
  way: string;
  span: Span;
  order: string[];
}): JSX.Element | null {
  const made = useMemo(() => {
    const by = new ByTrunk(answer, span, order);
    return { times: by.times, shares: by.shares() };
  }, [answer]);
  if (made.times.length < 2) return null;
  return (
    <Chart
      times={made.times}
      step={STEP_MS[span.step]}
      title={`Share of ${way} calls`}
      unit="%"
      series={made.shares}
      range={[0, 100]}
    />
  );
}

function All({ span }: { span: Span }): JSX.Element {
  const way = parameter('way');
  const filter = WAYS.some((one) => one.name === way && way) ? equal('direction', way) : '';
  const ask = { ...span.parameters, filter };
  const rows = useQuery<KpiAnswer>(span.ready ? kpis({ ...ask, group: 'trunk' }) : null);
  const named = rows.data?.items.filter((row) => row.trunk) ?? [];
  const peers = useQuery<KpiAnswer>(
    rows.data && named.length === 0 ? kpis({ ...span.parameters, group: 'peer' }) : null,
  );
  const steps = useQuery<KpiAnswer>(
    span.ready && named.length ? kpis({ ...ask, group: 'trunk', step: span.step }) : null,
  );
  span.fit(steps);
  const order = [...named].sort((a, b) => b.seizures - a.seizures).map((row) => row.trunk ?? '');
  const shared = way === 'inbound' ? 'inbound' : 'outbound';
  const shares = useQuery<KpiAnswer>(
    span.ready && named.length
      ? kpis({ ...span.parameters, filter: equal('direction', shared), group: 'trunk', step: span.step })
      : null,
  );
  return (
    <article class="view">
      <div class="overtop">
        <h1>
          Trunks <small>{span.text}</small>
        </h1>
        <TimeRange from={span.parameters.from ?? ''} to={span.parameters.to ?? ''} problem={null} />
      </div>
      <div class="chips" role="group" aria-label="Direction">
        {WAYS.map((one) => (
          <button
            key={one.name}
            type="button"
            class={`chip${one.name === way ? ' on' : ''}`}
            aria-pressed={one.name === way}
            onClick={() => set({ way: one.name || null })}
          >
            {one.title}
          </button>
        ))}
      </div>
      <Answer query={rows} what="the trunks">
        {() =>
          named.length > 0 ? (
            <Compare rows={named} name={(row) => row.trunk ?? ''} view="trunk" span={span} />
          ) : (
            <>
              <Empty title="No trunk carried a call in this time">
                Trunks are named in the configuration (section <code>trunks</code>): then carriers, PBXs and
                sites stand here by name. Without names, these are the addresses:
              </Empty>
              {peers.data && peers.data.items.length > 0 && (
                <Compare
                  rows={peers.data.items.filter((row) => row.peer)}
                  name={(row) => row.peer ?? ''}
                  view="peer"
                  span={span}
                />
              )}
            </>
          )
        }
      </Answer>
      <section class="chartgrid" aria-label="Over time">
        {shares.data && <Shares answer={shares.data} way={shared} span={span} order={order} />}
        {steps.data && <Over answer={steps.data} span={span} order={order} />}
      </section>
    </article>
  );
}

export function Trunks(): JSX.Element {
  const span = useSpan();
  const name = place.value.rest;
  return name ? <Trunk name={name} span={span} key={name} /> : <All span={span} />;
}
