/* Is voice fine now? In one line; then what is not, and the figures, each leading to calls. */
import type { ComponentChildren, JSX } from 'preact';
import { useMemo } from 'preact/hooks';
import { API, target } from '../api/client';
import { everyStep, kpis, STEP_MS, worstMos } from '../api/kpis';
import { standing } from '../api/live';
import { useQuery } from '../api/query';
import type { Alert, Finding, KpiAnswer, Kpis, Page, Peer, Probe, Observation } from '../api/types';
import { mos, ms, number, percent, day, clock, duration, words, zoneName } from '../base/format';
import { equal } from '../base/filters';
import { go, link } from '../base/route';
import { Chart } from '../parts/chart';
import type { Series } from '../parts/chart';
import { Icon } from '../parts/icons';
import { Mos } from '../parts/mos';
import { Failed, Loading } from '../parts/states';
import { TimeRange } from '../parts/timerange';
import { judge } from './verdict';
import type { Matter } from './verdict';
import { useSpan } from './span';
import type { Span } from './span';

const REFRESH_MS = 10000;

function Verdict({ matters, total, span }: { matters: Matter[]; total: Kpis | null; span: Span }): JSX.Element {
  const worst = matters.some((one) => one.severity === 'bad') ? 'bad' : matters.length ? 'warn' : 'good';
  const wrong = matters.filter((one) => one.severity === 'bad').length;
  const asked = span.live ? 'now' : 'in this recording';
  const nothing = !total || total.seen === 0;
  const line = nothing
    ? span.live ? 'No calls are counted yet; figures come a minute late.' : 'There were no calls in this time.'
    : worst === 'good'
      ? `Voice is fine ${asked}.`
      : worst === 'warn'
        ? `Voice is mostly fine ${asked}: ${matters.length === 1 ? 'one thing needs' : `${matters.length} things need`} a look.`
        : `Voice is not fine ${asked}: ${wrong === 1 ? 'one thing is' : `${wrong} things are`} wrong.`;
  const state = nothing ? 'none' : worst;
  return (
    <header class={`verdictline ${state}`}>
      <span class="sign" aria-hidden="true">{state === 'good' ? '✓' : state === 'warn' ? '!' : state === 'bad' ? '✕' : '–'}</span>
      <div>
        <h1>{line}</h1>
        <p class="dim">{total && total.seen > 0 ? `${number(total.seen)} calls, ` : ''}{span.text}</p>
      </div>
    </header>
  );
}

const MATTERS_MAX = 11;

function Matters({ matters }: { matters: Matter[] }): JSX.Element | null {
  if (matters.length === 0) return null;
  return (
    <ul class="matters" aria-label="What is not fine">
      {matters.slice(0, MATTERS_MAX).map((matter) => (
        <li key={matter.text} class={matter.severity}>
          <a href={matter.to}>
            <span class="mark" aria-hidden="true">{matter.severity === 'bad' ? '■' : '▲'}</span>
            <span>
              {matter.text}
              <small>{matter.detail}</small>
            </span>
            <Icon name="next" />
          </a>
        </li>
      ))}
      {matters.length > MATTERS_MAX && <li class="warn"><a href={link('alerts')}>and {number(matters.length - MATTERS_MAX)} more</a></li>}
    </ul>
  );
}

function Tile({ name, value, sub, to, title }: {
  name: string;
  value: ComponentChildren;
  sub?: ComponentChildren;
  to?: string;
  title?: string;
}): JSX.Element {
  const inside = (
    <>
      <span class="name">{name}</span>
      <span class="value">{value}</span>
      <span class="sub">{sub ?? '\u00a0'}</span>
    </>
  );
  return to ? <a class="tile" href={to} title={title}>{inside}</a> : <div class="tile" title={title}>{inside}</div>;
}

function Tiles({ row, span }: { row: Kpis; span: Span }): JSX.Element {
  const calls = (filter: string): string => link('calls', '', { filter, ...span.parameters });
  const middle = worstMos(row, 'p50');
  const low = worstMos(row, 'p5');
  return (
    <section class="tiles" aria-label="Figures">
      {standing.value && <Tile name="In progress" value={number(standing.value.calls_in_progress)} sub={`at ${clock(standing.value.at)}`} to={link('calls', '', { filter: 'state = in_progress' })} />}
      <Tile name="Calls" value={number(row.seen)} sub={`${number(row.answered)} answered`} to={calls('')} />
      <Tile name="Attempts/s" value={number(row.cps, 2)} sub={`peak ${number(row.cps_peak)}`} to={calls('')} />
      <Tile name="At once" value={number(row.concurrent_peak)} sub={`${number(row.erlang, 1)} Erlang`} title="most calls at the same time" to={calls('state = in_progress')} />
      <Tile name="ASR" value={percent(row.asr, 1)} sub="answered" title="answer-seizure ratio, ITU-T E.411" to={calls('answered = null')} />
      <Tile name="NER" value={percent(row.ner, 1)} sub="delivered" title="network effectiveness ratio, ITU-T E.425" to={calls('state in (failed, no_response)')} />
      <Tile name="MOS, median" value={<Mos value={middle.value} band={middle.band} />} sub={`p5 ${mos(low.value)} ${low.band ?? ''}`} title="MOS of the stream in the middle, and what 5 % of streams are below; of the lowest band" to={calls('mos_lq_min < 3.6')} />
      <Tile name="Loss" value={percent(row.loss_pct)} sub={`p95 ${percent(row.loss_p95_pct, 1)}`} title="of all packets; and what 95 % of streams are below" to={calls('loss_pct > 1')} />
      <Tile name="One-way audio" value={percent(row.one_way_pct, 1)} sub="of judged calls" to={calls('one_way')} />
      <Tile name="Post-dial delay" value={ms(row.pdd_p50_ms)} sub={`p95 ${ms(row.pdd_p95_ms)}`} title="median; INVITE to first 18x or final response" to={calls('pdd_ms > 5s')} />
      <Tile name="Talked, mean" value={duration(row.acd_s)} sub={`${number(row.short_calls)} short calls`} title="average call duration" to={calls('duration_s < 10')} />
    </section>
  );
}

function Charts({ answer, span }: { answer: KpiAnswer; span: Span }): JSX.Element {
  const made = useMemo(() => {
    const { times, rows } = everyStep(answer.items, span.step);
    const of = (read: (row: Kpis) => number | null): (number | null)[] => rows.map((row) => (row ? read(row) : null));
    const line = (name: string, colour: string, read: (row: Kpis) => number | null, decimals = 1): Series => ({ name, colour, kind: 'line', values: of(read), decimals });
    return {
      times,
      calls: [
        { name: 'attempts', colour: 'none-fill', kind: 'bars', values: of((r) => r.seizures) },
        { name: 'answered', colour: 'accent', kind: 'bars', values: of((r) => r.answered) },
      ] as Series[],
      ratios: [line('NER', 'forward', (r) => r.ner), line('ASR', 'reverse', (r) => r.asr)],
      mos: [
        line('median', 'forward', (r) => worstMos(r, 'p50').value, 2),
        line('worst 5 %', 'bad', (r) => worstMos(r, 'p5').value, 2),
      ],
      busy: [{ name: 'calls at once', colour: 'forward', kind: 'area', values: of((r) => r.concurrent_peak) }] as Series[],
    };
  }, [answer]);
  const press = (filter: string) => (from: number, to: number): void =>
    go(link('calls', '', { filter, from: new Date(from).toISOString(), to: new Date(to).toISOString() }));
  const common = { times: made.times, step: STEP_MS[span.step] };
  if (made.times.length === 0) return <></>;
  return (
    <section class="chartgrid" aria-label="Over time">
      <Chart {...common} title="Calls" unit={`each ${span.step}`} series={made.calls} press={press('')} />
      <Chart {...common} title="Calls at once" unit="most" series={made.busy} press={press('')} />
      <Chart {...common} title="ASR, NER" unit="%" series={made.ratios} range={[0, 100]} press={press('state in (failed, no_response)')} />
      <Chart {...common} title="MOS" unit="lowest band" series={made.mos} range={[1, 4.6]} press={press('mos_lq_min < 3.6')} />
    </section>
  );
}

function WorstTrunks({ answer, span }: { answer: KpiAnswer; span: Span }): JSX.Element | null {
  const rows = answer.items.filter((row) => row.trunk && row.seizures > 0).sort((a, b) => (a.ner ?? 101) - (b.ner ?? 101)).slice(0, 8);
  if (rows.length === 0) return null;
  return (
    <section class="card scrollx">
      <h2>Trunks, worst first</h2>
      <table>
        <thead>
          <tr><th>Trunk</th><th class="right">Calls</th><th class="right">ASR</th><th class="right">NER</th><th class="right">PDD 95 %</th><th class="right">Loss 95 %</th><th>MOS 5 %</th></tr>
        </thead>
        <tbody>
          {rows.map((row) => {
            const low = worstMos(row, 'p5');
            const trunk = row.trunk ?? '';
            return (
              <tr key={trunk}>
                <th><a href={link('trunks', trunk, span.parameters)}>{trunk}</a></th>
                <td class="right"><a href={link('calls', '', { filter: equal('trunk', trunk), ...span.parameters })}>{number(row.seizures)}</a></td>
                <td class="right">{percent(row.asr, 1)}</td>
                <td class="right">{percent(row.ner, 1)}</td>
                <td class="right">{ms(row.pdd_p95_ms)}</td>
                <td class="right">{percent(row.loss_p95_pct, 1)}</td>
                <td><Mos value={low.value} band={low.band} /></td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </section>
  );
}

const EXAMPLES = 3;

/** What the diagnosis says most often, with the latest calls of each. */
function Causes({ page, span }: { page: Page<Finding>; span: Span }): JSX.Element | null {
  const groups = new Map<string, Finding[]>();
  for (const finding of page.items) {
    if (finding.rank !== 1) continue;
    groups.set(finding.code, [...(groups.get(finding.code) ?? []), finding]);
  }
  const sorted = [...groups].sort((a, b) => b[1].length - a[1].length).slice(0, 8);
  if (sorted.length === 0) return null;
  return (
    <section class="card">
      <h2>What went wrong most <small>{page.truncated ? `in the latest ${number(page.items.length)} findings` : span.text}</small></h2>
      <ul class="causes">
        {sorted.map(([code, found]) => (
          <li key={code}>
            <a class="count" href={link('findings', '', { filter: `rank = 1 and ${equal('code', code)}`, ...span.parameters })} aria-label={`${words(code)}: all ${found.length} calls`}>{number(found.length)}</a>
            <div>
              <p>{words(code)}</p>
              <p class="dim">{found[0]?.sentence}</p>
              <p class="examples">
                {[...new Set(found.map((one) => one.call))].slice(0, EXAMPLES).map((id, i) =>
                  id ? <a key={id} href={link('call', id)}>{i === 0 ? 'latest call' : `another`}</a> : null)}
              </p>
            </div>
          </li>
        ))}
      </ul>
    </section>
  );
}

export function Overview(): JSX.Element {
  const span = useSpan();
  const refresh = span.live ? REFRESH_MS : 0;
  const ask = { ...span.parameters };
  const total = useQuery<KpiAnswer>(span.ready ? kpis({ ...ask, view: 'call' }) : null, refresh);
  const legs = useQuery<KpiAnswer>(span.ready ? kpis(ask) : null, refresh);
  const steps = useQuery<KpiAnswer>(span.ready ? kpis({ ...ask, step: span.step }) : null, refresh);
  const trunks = useQuery<KpiAnswer>(span.ready ? kpis({ ...ask, group: 'trunk' }) : null, refresh);
  const peers = useQuery<Page<Peer>>(target('/peers', { filter: 'state in (down, refusing)', limit: 100 }), refresh);
  const attacks = useQuery<Page<Observation>>(span.ready ? target('/security', { ...ask, limit: 100 }) : null, refresh);
  const alerts = useQuery<Page<Alert>>(target('/alerts', { filter: 'state in (firing, clearing)', limit: 50 }), refresh);
  const findings = useQuery<Page<Finding>>(span.ready ? target('/findings', { ...ask, limit: 1000 }) : null, refresh);
  const probe = useQuery<Probe>(`${API}/probe`, refresh);
  const call = total.data?.items[0] ?? null;
  const leg = legs.data?.items[0] ?? null;
  /* Ratios are of calls, quality and load of legs and their streams. */
  const row = call && leg ? { ...leg, seen: call.seen, answered: call.answered, seizures: call.seizures, asr: call.asr, ner: call.ner,
    pdd_p50_ms: call.pdd_p50_ms, pdd_p95_ms: call.pdd_p95_ms, acd_s: call.acd_s, short_calls: call.short_calls } : null;
  const problem = total.error ?? legs.error;
  const matters = useMemo(
    () => (row ? judge({ row, trunks: trunks.data?.items ?? [], peers: peers.data?.items ?? [], attacks: attacks.data?.items ?? [], alerts: alerts.data?.items ?? [], probe: probe.data ?? null, span }) : []),
    [row, trunks.data, peers.data, attacks.data, alerts.data, probe.data, span],
  );
  return (
    <article class="overview">
      <div class="overtop">
        {total.data ? <Verdict matters={matters} total={row} span={span} /> : <h1 class="sr">Overview</h1>}
        <TimeRange from={span.parameters.from ?? ''} to={span.parameters.to ?? ''} problem={problem ?? null} />
      </div>
      {problem && !total.data && <Failed what="The overview" problem={problem} retry={() => { total.reload(); legs.reload(); }} />}
      {!problem && !total.data && <Loading what="the overview" />}
      <Matters matters={matters} />
      {row && row.seen > 0 && <Tiles row={row} span={span} />}
      {steps.data && <Charts answer={steps.data} span={span} />}
      <div class="columns">
        {trunks.data && <WorstTrunks answer={trunks.data} span={span} />}
        {findings.data && <Causes page={findings.data} span={span} />}
      </div>
      <p class="dim asof">
        {total.data?.to ? `Data until ${day(total.data.to)} ${clock(total.data.to)} ${zoneName()}. ` : ''}
        Ratios are of calls, <abbr title="each leg and each stream once">quality of legs</abbr>, at the point of measurement of this probe.
      </p>
    </article>
  );
}
