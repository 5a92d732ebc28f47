/* Is voice fine now? In one line; then what is not, and the figures, each leading to calls. */
import type { JSX } from 'preact';
import { useMemo } from 'preact/hooks';
import { API, target } from '../api/client';
import { kpis } from '../api/kpis';
import { standing } from '../api/live';
import { useQuery } from '../api/query';
import type { Alert } from '../api/alerttypes';
import type { Finding } from '../api/calltypes';
import type { KpiAnswer, Kpis } from '../api/kpitypes';
import type { Observation, Peer } from '../api/peertypes';
import type { Probe } from '../api/probetypes';
import type { Page } from '../api/types';
import { number, day, clock, zoneName } from '../base/format';
import { link } from '../base/route';
import { Icon } from '../parts/icons';
import { Failed, Loading } from '../parts/states';
import { TimeRange } from '../parts/timerange';
import { Causes, Charts, Faults, SoundNow, Tiles, WorstTrunks } from './overviewparts';
import { judge } from './verdict';
import type { Matter } from './verdict';
import { useSpan } from './span';
import type { Span } from './span';

const REFRESH_MS = 10000;

function Verdict({
  matters,
  total,
  span,
}: {
  matters: Matter[];
  total: Kpis | null;
  span: Span;
}): JSX.Element {
  const worst = matters.some((one) => one.severity === 'bad') ? 'bad' : matters.length ? 'warn' : 'good';
  const wrong = matters.filter((one) => one.severity === 'bad').length;
  const asked = span.live ? 'now' : 'in this recording';
  const nothing = (!total || total.seen === 0) && matters.length === 0;
  const line = nothing
    ? span.live
      ? 'No calls are counted yet; figures come a minute late.'
      : 'There were no calls in this time.'
    : worst === 'good'
      ? `Voice is fine ${asked}.`
      : worst === 'warn'
        ? `Voice is mostly fine ${asked}: ${matters.length === 1 ? 'one thing needs' : `${matters.length} things need`} a look.`
        : `Voice is not fine ${asked}: ${wrong === 1 ? 'one thing is' : `${wrong} things are`} wrong.`;
  const state = nothing ? 'none' : worst;
  return (
    <header class={`verdictline ${state}`}>
      <span class="sign" aria-hidden="true">
        {state === 'good' ? '✓' : state === 'warn' ? '!' : state === 'bad' ? '✕' : '–'}
      </span>
      <div>
        <h1>{line}</h1>
        <p class="dim">
          {total && total.seen > 0 ? `${number(total.seen)} calls, ` : ''}
          {span.text}
        </p>
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
            <span class="mark" aria-hidden="true">
              {matter.severity === 'bad' ? '■' : '▲'}
            </span>
            <span>
              {matter.text}
              <small>{matter.detail}</small>
            </span>
            <Icon name="next" />
          </a>
        </li>
      ))}
      {matters.length > MATTERS_MAX && (
        <li class="warn">
          <a href={link('alerts')}>and {number(matters.length - MATTERS_MAX)} more</a>
        </li>
      )}
    </ul>
  );
}

/** What the figures above rest on. */
function Capture({ probe }: { probe: Probe | null }): JSX.Element | null {
  const summary = probe?.summary;
  if (!summary) return null;
  const dropped = Object.values(summary.dropped).reduce((sum, n) => sum + n, 0);
  const lost = summary.losses.capture ?? 0;
  return (
    <p class="dim capture">
      <a href={link('probe')}>Capture</a>: {number(summary.frames)} frames seen,{' '}
      {dropped ? <b class="wrong">{number(dropped)} dropped</b> : 'none dropped'};{' '}
      {lost ? <b class="wrong">{number(lost)} RTP packets lost by it</b> : 'no RTP packet lost by it'}.
    </p>
  );
}

export function Overview(): JSX.Element {
  const span = useSpan();
  const refresh = span.live ? REFRESH_MS : 0;
  const ask = { ...span.parameters };
  const total = useQuery<KpiAnswer>(span.ready ? kpis({ ...ask, view: 'call' }) : null, refresh);
  const legs = useQuery<KpiAnswer>(span.ready ? kpis(ask) : null, refresh);
  const steps = useQuery<KpiAnswer>(span.ready ? kpis({ ...ask, step: span.step }) : null, refresh);
  span.fit(steps);
  const callSteps = useQuery<KpiAnswer>(
    span.ready ? kpis({ ...ask, step: span.step, view: 'call' }) : null,
    refresh,
  );
  const trunks = useQuery<KpiAnswer>(span.ready ? kpis({ ...ask, group: 'trunk' }) : null, refresh);
  const peers = useQuery<Page<Peer>>(
    target('/peers', { filter: 'state in (down, refusing)', limit: 100 }),
    refresh,
  );
  const attacks = useQuery<Page<Observation>>(
    span.ready ? target('/security', { ...ask, limit: 100 }) : null,
    refresh,
  );
  const alerts = useQuery<Page<Alert>>(
    target('/alerts', { filter: 'state in (firing, clearing)', limit: 50 }),
    refresh,
  );
  const findings = useQuery<Page<Finding>>(
    span.ready ? target('/findings', { ...ask, limit: 1000 }) : null,
    refresh,
  );
  const probe = useQuery<Probe>(`${API}/probe`, refresh);
  const call = total.data?.items[0] ?? null;
  const leg = legs.data?.items[0] ?? null;
  /* Ratios and load are of calls, quality is of legs and their streams. */
  const row =
    call && leg
      ? {
          ...leg,
          seen: call.seen,
          answered: call.answered,
          seizures: call.seizures,
          asr: call.asr,
          ner: call.ner,
          pdd_p50_ms: call.pdd_p50_ms,
          pdd_p95_ms: call.pdd_p95_ms,
          acd_s: call.acd_s,
          short_calls: call.short_calls,
          cps: call.cps,
          cps_peak: call.cps_peak,
          concurrent_peak: call.concurrent_peak,
          erlang: call.erlang,
        }
      : null;
  const problem = total.error ?? legs.error;
  const inFlight = standing.value?.quality ?? null;
  const matters = useMemo(
    () =>
      total.data
        ? judge({
            row,
            trunks: trunks.data?.items ?? [],
            peers: peers.data?.items ?? [],
            attacks: attacks.data?.items ?? [],
            alerts: alerts.data?.items ?? [],
            probe: probe.data ?? null,
            inFlight: span.live ? inFlight : null,
            span,
          })
        : [],
    [total.data, row, trunks.data, peers.data, attacks.data, alerts.data, probe.data, inFlight, span],
  );
  return (
    <article class="overview">
      <div class="overtop">
        {total.data ? <Verdict matters={matters} total={row} span={span} /> : <h1 class="sr">Overview</h1>}
        <TimeRange
          from={span.parameters.from ?? ''}
          to={span.parameters.to ?? ''}
          problem={problem ?? null}
        />
      </div>
      {problem && !total.data && (
        <Failed
          what="The overview"
          problem={problem}
          retry={() => {
            total.reload();
            legs.reload();
          }}
        />
      )}
      {!problem && !total.data && <Loading what="the overview" />}
      <Matters matters={matters} />
      {row && row.seen > 0 && <Tiles row={row} span={span} />}
      <SoundNow />
      {steps.data && callSteps.data && <Charts legs={steps.data} calls={callSteps.data} span={span} />}
      <div class="columns">
        <div class="stack">
          {trunks.data && <WorstTrunks answer={trunks.data} span={span} />}
          {findings.data && <Faults page={findings.data} span={span} />}
        </div>
        {findings.data && <Causes page={findings.data} span={span} />}
      </div>
      <Capture probe={probe.data ?? null} />
      <p class="dim asof">
        {total.data?.to ? `Data until ${day(total.data.to)} ${clock(total.data.to)} ${zoneName()}. ` : ''}
        Ratios and load are of calls, <abbr title="each leg and each stream once">quality of legs</abbr>, at the point
        of measurement of this probe.
      </p>
    </article>
  );
}
