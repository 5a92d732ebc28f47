/* One trunk: its figures over time, the hours of the week, response codes, where calls lead. */
import type { JSX } from 'preact';
import { useMemo } from 'preact/hooks';
import { target } from '../api/client';
import { everyStep, kpis, STEP_MS, worstMos } from '../api/kpis';
import { useQuery } from '../api/query';
import type { KpiAnswer, Kpis } from '../api/kpitypes';
import type { Peer } from '../api/peertypes';
import type { Page } from '../api/types';
import { duration, ms, number, percent, words } from '../base/format';
import { equal } from '../base/filters';
import { go, link, parameter, set } from '../base/route';
import { Chart } from '../parts/chart';
import { HeatMap } from '../parts/heatmap';
import type { HeatCell } from '../parts/heatmap';
import { Mos } from '../parts/mos';
import { Answer, Empty } from '../parts/states';
import { TimeRange } from '../parts/timerange';
import type { Span } from './span';

interface HeatFigure {
  name: string;
  title: string;
  read: (row: Kpis) => number | null;
  show: (value: number | null) => string;
  bad: 'low' | 'high' | 'none'; // which end is the bad one
}

const HEAT: HeatFigure[] = [
  { name: 'calls', title: 'Calls', read: (r) => r.seizures, show: (v) => number(v), bad: 'none' },
  { name: 'ner', title: 'NER', read: (r) => r.ner, show: (v) => percent(v, 1), bad: 'low' },
  { name: 'asr', title: 'ASR', read: (r) => r.asr, show: (v) => percent(v, 1), bad: 'low' },
  {
    name: 'mos',
    title: 'MOS, worst 5 %',
    read: (r) => worstMos(r, 'p5').value,
    show: (v) => number(v, 2),
    bad: 'low',
  },
  { name: 'loss', title: 'Loss, 95 %', read: (r) => r.loss_p95_pct, show: (v) => percent(v, 1), bad: 'high' },
  { name: 'pdd', title: 'PDD, 95 %', read: (r) => r.pdd_p95_ms, show: (v) => ms(v), bad: 'high' },
  {
    name: 'busy',
    title: 'Calls at once',
    read: (r) => r.concurrent_peak,
    show: (v) => number(v),
    bad: 'none',
  },
];

function Week({ answer }: { answer: KpiAnswer }): JSX.Element {
  const wanted = parameter('heat');
  const figure = HEAT.find((one) => one.name === wanted) ?? HEAT[0];
  if (!figure) return <></>;
  const cells: HeatCell[] = answer.items.flatMap((row) =>
    row.hour_of_week === undefined
      ? []
      : [{ hour: row.hour_of_week, value: figure.read(row), count: row.seizures }],
  );
  return (
    <section class="card">
      <div class="overtop">
        <h2>
          Hours of the week <small>{answer.time_zone}</small>
        </h2>
        <select
          aria-label="Figure"
          value={figure.name}
          onChange={(event) => set({ heat: event.currentTarget.value }, true)}
        >
          {HEAT.map((one) => (
            <option key={one.name} value={one.name}>
              {one.title}
            </option>
          ))}
        </select>
      </div>
      <HeatMap title={figure.title} cells={cells} show={figure.show} bad={figure.bad} />
    </section>
  );
}

function Codes({ rows, name, span }: { rows: Kpis[]; name: string; span: Span }): JSX.Element {
  const sorted = rows.filter((row) => row.code).sort((a, b) => b.seizures - a.seizures);
  const most = Math.max(1, ...sorted.map((row) => row.seizures));
  return (
    <section class="card">
      <h2>Response codes</h2>
      {sorted.length === 0 && <p class="dim">There are none.</p>}
      {sorted.map((row) => (
        <a
          key={row.code}
          class="sharerow"
          href={link('calls', '', {
            filter: `leg(${equal('trunk', name)} and status = ${row.code})`,
            ...span.parameters,
          })}
        >
          <span>{row.code}</span>
          <span class="sharebar" aria-hidden="true">
            <i
              class={(row.code ?? 0) < 300 ? 'good' : (row.code ?? 0) >= 500 ? 'bad' : 'warn'}
              style={{ width: `${(row.seizures / most) * 100}%` }}
            />
          </span>
          <b>{number(row.seizures)}</b>
        </a>
      ))}
    </section>
  );
}

function Prefixes({ rows, name, span }: { rows: Kpis[]; name: string; span: Span }): JSX.Element {
  const sorted = rows
    .filter((row) => row.seizures > 0)
    .sort((a, b) => b.seizures - a.seizures)
    .slice(0, 12);
  return (
    <section class="card scrollx">
      <h2>Where calls lead</h2>
      <table class="small">
        <thead>
          <tr>
            <th>To</th>
            <th class="right">Calls</th>
            <th class="right">ASR</th>
            <th class="right">NER</th>
            <th class="right">ACD</th>
            <th class="right">PDD 95 %</th>
          </tr>
        </thead>
        <tbody>
          {sorted.map((row) => (
            <tr key={row.prefix ?? '-'}>
              <th>
                {row.prefix ? (
                  <a
                    href={link('calls', '', {
                      filter: `leg(${equal('trunk', name)} and ${equal('prefix_label', row.prefix)})`,
                      ...span.parameters,
                    })}
                  >
                    {row.prefix}
                  </a>
                ) : (
                  'not known'
                )}
              </th>
              <td class="right">{number(row.seizures)}</td>
              <td class="right">{percent(row.asr, 1)}</td>
              <td class="right">{percent(row.ner, 1)}</td>
              <td class="right">{duration(row.acd_s)}</td>
              <td class="right">{ms(row.pdd_p95_ms)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

function Over({ answer, span, name }: { answer: KpiAnswer; span: Span; name: string }): JSX.Element {
  const made = useMemo(() => {
    const { times, rows } = everyStep(answer.items, span.step);
    const of = (read: (row: Kpis) => number | null): (number | null)[] =>
      rows.map((row) => (row ? read(row) : null));
    const line = (title: string, colour: string, values: (number | null)[], decimals: number) => ({
      name: title,
      colour,
      kind: 'line' as const,
      values,
      decimals,
    });
    return {
      times,
      calls: [
        { name: 'offered', colour: 'none-fill', kind: 'bars' as const, values: of((r) => r.seizures) },
        { name: 'answered', colour: 'accent', kind: 'bars' as const, values: of((r) => r.answered) },
      ],
      busy: [
        { name: 'at once', colour: 'forward', kind: 'area' as const, values: of((r) => r.concurrent_peak) },
        ...(rows.some((row) => row?.channels_configured)
          ? [
              line(
                'channels',
                'bad',
                of((r) => r.channels_configured),
                0,
              ),
            ]
          : []),
      ],
      ratios: [
        line(
          'NER',
          'forward',
          of((r) => r.ner),
          1,
        ),
        line(
          'ASR',
          'reverse',
          of((r) => r.asr),
          1,
        ),
      ],
      delay: [
        line(
          'median',
          'forward',
          of((r) => r.pdd_p50_ms),
          0,
        ),
        line(
          '95 %',
          'bad',
          of((r) => r.pdd_p95_ms),
          0,
        ),
      ],
      mos: [
        line(
          'median',
          'forward',
          of((r) => worstMos(r, 'p50').value),
          2,
        ),
        line(
          'worst 5 %',
          'bad',
          of((r) => worstMos(r, 'p5').value),
          2,
        ),
      ],
      loss: [
        line(
          'mean',
          'forward',
          of((r) => r.loss_pct),
          2,
        ),
        line(
          '95 %',
          'bad',
          of((r) => r.loss_p95_pct),
          2,
        ),
      ],
    };
  }, [answer]);
  const press = (from: number, to: number): void =>
    go(
      link('calls', '', {
        filter: equal('trunk', name),
        from: new Date(from).toISOString(),
        to: new Date(to).toISOString(),
      }),
    );
  const common = { times: made.times, step: STEP_MS[span.step], press };
  return (
    <section class="chartgrid" aria-label="Over time">
      <Chart {...common} title="Calls" unit={`each ${span.step}`} series={made.calls} />
      <Chart {...common} title="Calls at once" unit="most" series={made.busy} />
      <Chart {...common} title="ASR, NER" unit="%" series={made.ratios} range={[0, 100]} />
      <Chart {...common} title="Post-dial delay" unit="ms" series={made.delay} />
      <Chart {...common} title="MOS" unit="lowest band" series={made.mos} range={[1, 4.6]} />
      <Chart {...common} title="Loss" unit="%" series={made.loss} />
    </section>
  );
}

function Peers({ page }: { page: Page<Peer> }): JSX.Element | null {
  if (page.items.length === 0) return null;
  return (
    <section class="card scrollx">
      <h2>Its addresses</h2>
      <table class="small">
        <thead>
          <tr>
            <th>Peer</th>
            <th>State</th>
            <th class="right">OPTIONS</th>
            <th class="right">Round trip</th>
            <th class="right">Outages</th>
          </tr>
        </thead>
        <tbody>
          {page.items.map((peer) => (
            <tr key={peer.id}>
              <th>{peer.peer ?? '–'}</th>
              <td>
                <span class={`tag ${peer.state === 'up' ? 'good' : peer.state === 'down' ? 'bad' : ''}`}>
                  {peer.state ? words(peer.state) : 'not seen to answer'}
                </span>
              </td>
              <td class="right">
                {peer.options ? `${number(peer.options_answered)} of ${number(peer.options)}` : '–'}
              </td>
              <td class="right">{ms(peer.rtt_mean_ms)}</td>
              <td class="right">
                {peer.outages ? `${number(peer.outages)}, ${duration(peer.outage_s)}` : '0'}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

export function Trunk({ name, span }: { name: string; span: Span }): JSX.Element {
  const filter = equal('trunk', name);
  const ask = { ...span.parameters, filter };
  const on = span.ready;
  const total = useQuery<KpiAnswer>(on ? kpis({ ...ask, group: 'trunk' }) : null);
  const ways = useQuery<KpiAnswer>(on ? kpis({ ...ask, group: 'trunk,direction' }) : null);
  const steps = useQuery<KpiAnswer>(on ? kpis({ ...ask, group: 'trunk', step: span.step }) : null);
  span.fit(steps);
  const week = useQuery<KpiAnswer>(on ? kpis({ filter, group: 'trunk,hour-of-week' }) : null);
  const codes = useQuery<KpiAnswer>(on ? kpis({ ...ask, group: 'trunk,code' }) : null);
  const prefixes = useQuery<KpiAnswer>(on ? kpis({ ...ask, group: 'trunk,prefix' }) : null);
  const peers = useQuery<Page<Peer>>(target('/peers', { filter, limit: 100 }));
  const row = total.data?.items[0];
  return (
    <article class="view">
      <div class="overtop">
        <h1>
          <a href={link('trunks', '', span.parameters)}>Trunks</a> <span class="dim">›</span> {name}{' '}
          <small>{span.text}</small>
        </h1>
        <a class="button" href={link('calls', '', { filter, ...span.parameters })}>
          Its calls
        </a>
        <TimeRange from={span.parameters.from ?? ''} to={span.parameters.to ?? ''} problem={null} />
      </div>
      <Answer query={total} what="the trunk">
        {() =>
          !row ? (
            <Empty title="It carried no call in this time">
              No call of <b>{name}</b> was seen {span.text}.
            </Empty>
          ) : (
            <section class="card scrollx">
              <table class="small">
                <thead>
                  <tr>
                    <th>Direction</th>
                    <th class="right">Calls</th>
                    <th class="right">Answered</th>
                    <th class="right">ASR</th>
                    <th class="right">NER</th>
                    <th class="right">ACD</th>
                    <th class="right">PDD 50 / 95 %</th>
                    <th class="right">At once</th>
                    <th class="right">Erlang</th>
                    <th class="right">Loss</th>
                    <th>MOS 50 %</th>
                    <th>MOS 5 %</th>
                    <th class="right">One-way</th>
                  </tr>
                </thead>
                <tbody>
                  {[row, ...(ways.data?.items ?? [])].map((one) => (
                    <tr key={one.direction ?? 'both'} class={one.direction ? '' : 'main'}>
                      <th>{one.direction ? words(one.direction) : 'both'}</th>
                      <td class="right">{number(one.seizures)}</td>
                      <td class="right">{number(one.answered)}</td>
                      <td class="right">{percent(one.asr, 1)}</td>
                      <td class="right">{percent(one.ner, 1)}</td>
                      <td class="right">{duration(one.acd_s)}</td>
                      <td class="right">
                        {ms(one.pdd_p50_ms)} / {ms(one.pdd_p95_ms)}
                      </td>
                      <td class="right">{number(one.concurrent_peak)}</td>
                      <td class="right">{number(one.erlang, 1)}</td>
                      <td class="right">{percent(one.loss_pct)}</td>
                      <td>
                        <Mos {...worstMos(one, 'p50')} />
                      </td>
                      <td>
                        <Mos {...worstMos(one, 'p5')} />
                      </td>
                      <td class="right">{percent(one.one_way_pct, 1)}</td>
                    </tr>
                  ))}
                </tbody>
              </table>
            </section>
          )
        }
      </Answer>
      {row && steps.data && <Over answer={steps.data} span={span} name={name} />}
      {row && week.data && <Week answer={week.data} />}
      <div class="cards">
        {row && codes.data && <Codes rows={codes.data.items} name={name} span={span} />}
        {row && prefixes.data && <Prefixes rows={prefixes.data.items} name={name} span={span} />}
        {peers.data && <Peers page={peers.data} />}
      </div>
    </article>
  );
}
