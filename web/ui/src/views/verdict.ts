/*
 * What is not fine, by thresholds that a NOC would use, each with the way to what is behind it.
 * Of too few calls nothing is said.
 */
import { worstMos } from '../api/kpis';
import type { Alert } from '../api/alerttypes';
import type { Kpis } from '../api/kpitypes';
import type { Observation, Peer } from '../api/peertypes';
import type { Probe, QualitySoFar } from '../api/probetypes';
import { equal } from '../base/filters';
import { mos, ms, number, percent, words } from '../base/format';
import { link } from '../base/route';
import type { Span } from './span';

export interface Matter {
  severity: 'bad' | 'warn';
  text: string;
  detail: string;
  to: string;
}

export interface Facts {
  row: Kpis | null; // null: nothing is counted yet
  trunks: Kpis[];
  peers: Peer[];
  attacks: Observation[];
  alerts: Alert[];
  probe: Probe | null;
  inFlight: QualitySoFar | null; // of calls in progress, where a probe runs
  span: Span;
}

const LEAST_CALLS = 20;
const LEAST_STREAMS = 10;

/* bad and warn: the figure that it takes; of ratios below, of the others above. */
const LIMITS = {
  ner: { bad: 80, warn: 92 },
  mosLow: { bad: 2.6, warn: 3.4 },
  mosMiddle: { bad: 3.6, warn: 4.03 },
  oneWay: { bad: 3, warn: 1 },
  loss: { bad: 5, warn: 1 },
  badNow: { bad: 10, warn: 2 }, // % of streams of calls in progress
  pdd: { bad: 11000, warn: 6000 }, // ITU-T E.721, international calls: mean 8 s, 95 % 11 s
};

type Limit = { bad: number; warn: number };

function below(value: number | null, limit: Limit): Matter['severity'] | null {
  if (value === null) return null;
  return value < limit.bad ? 'bad' : value < limit.warn ? 'warn' : null;
}

function above(value: number | null, limit: Limit): Matter['severity'] | null {
  if (value === null) return null;
  return value > limit.bad ? 'bad' : value > limit.warn ? 'warn' : null;
}

function ofQuality(row: Kpis, where: string, filter: string, parameters: Span['parameters']): Matter[] {
  const found: Matter[] = [];
  const to = (more: string): string =>
    link('calls', '', { filter: [filter, more].filter(Boolean).join(' and '), ...parameters });
  const add = (severity: Matter['severity'] | null, text: string, detail: string, more: string): void => {
    if (severity) found.push({ severity, text: text + where, detail, to: to(more) });
  };
  if (row.seizures >= LEAST_CALLS)
    add(
      below(row.ner, LIMITS.ner),
      'Calls do not get through',
      `NER ${percent(row.ner, 1)}`,
      'state in (failed, no_response)',
    );
  if (row.streams >= LEAST_STREAMS) {
    const middle = worstMos(row, 'p50');
    const low = worstMos(row, 'p5');
    const severity = below(middle.value, LIMITS.mosMiddle);
    if (severity)
      add(
        severity,
        'Half of the calls sound poor',
        `median MOS ${mos(middle.value)} ${middle.band ?? ''}`,
        'mos_lq_min < 3.6',
      );
    else
      add(
        below(low.value, LIMITS.mosLow),
        'Some calls sound poor',
        `5 % of streams below MOS ${mos(low.value)} ${low.band ?? ''}`,
        'mos_lq_min < 3.6',
      );
    add(
      above(row.loss_pct, LIMITS.loss),
      'Packets are lost',
      `${percent(row.loss_pct)} of all`,
      'loss_pct > 1',
    );
  }
  if ((row.counts['audio_judged'] ?? 0) >= LEAST_CALLS)
    add(
      above(row.one_way_pct, LIMITS.oneWay),
      'One-way audio',
      `${percent(row.one_way_pct, 1)} of judged calls`,
      'one_way',
    );
  const full = row.channels_used_pct;
  if (full !== null && full >= 80)
    add(
      full >= 100 ? 'bad' : 'warn',
      full >= 100 ? 'More calls than channels' : 'Channels run out',
      `${number(row.concurrent_peak)} at once, ${number(row.channels_configured)} channels`,
      '',
    );
  return found;
}

function ofProbe(probe: Probe): Matter[] {
  const found: Matter[] = [];
  const dropped = Object.values(probe.summary?.dropped ?? {}).reduce((sum, n) => sum + n, 0);
  const share = probe.frames ? (dropped / probe.frames) * 100 : 0;
  if (share >= 0.1)
    found.push({
      severity: share >= 1 ? 'bad' : 'warn',
      text: 'The probe itself loses packets',
      detail: `${percent(share)} of ${number(probe.frames)} frames`,
      to: link('probe'),
    });
  if (probe.summary?.loss_verdict === 'capture')
    found.push({
      severity: 'warn',
      text: 'The mirror port loses packets',
      detail: 'receivers got what this probe did not see',
      to: link('probe'),
    });
  return found;
}

/** What the rules say comes first: somebody decided what matters. Of one rule, one line. */
function ofAlerts(alerts: Alert[]): Matter[] {
  const byRule = new Map<string, Alert[]>();
  for (const alert of alerts) {
    if (alert.muted) continue;
    const rule = alert.rule ?? 'alert';
    byRule.set(rule, [...(byRule.get(rule) ?? []), alert]);
  }
  return [...byRule].map(([rule, found]) => {
    const grave = found.some((alert) => alert.severity === 'critical' || alert.severity === 'major');
    const only = found.length === 1 ? found[0] : undefined;
    const title = words(rule);
    const held = [...new Set(found.flatMap((alert) => alert.acknowledged?.by ?? []))].join(', ');
    const all = found.every((alert) => alert.acknowledged);
    return {
      severity: grave ? 'bad' : 'warn',
      text: `Alert: ${title}${only ? '' : `, ${number(found.length)} times`}`,
      detail: [...found.map((alert) => alert.subject), all ? `in hand: ${held}` : null]
        .filter(Boolean)
        .join('; '),
      to: only?.query ? link('calls', '', { filter: only.query }) : link('alerts'),
    };
  });
}

/** What is bad at this moment is in no figure of calls that are over. */
function ofInFlight(now: QualitySoFar): Matter[] {
  const scored = now.streams - now.unscored;
  const severity = scored >= LEAST_STREAMS ? above((now.bad / scored) * 100, LIMITS.badNow) : null;
  if (!severity) return [];
  return [
    {
      severity,
      text: 'Calls in progress sound bad',
      detail: `${number(now.bad)} of ${number(scored)} streams below MOS ${mos(3.1)} so far`,
      to: link('calls', '', { filter: 'state = in_progress', sort: 'mos_lq_min' }),
    },
  ];
}

export function judge({ row, trunks, peers, attacks, alerts, probe, inFlight, span }: Facts): Matter[] {
  const found = [
    ...ofAlerts(alerts),
    ...(inFlight ? ofInFlight(inFlight) : []),
    ...(row ? ofQuality(row, '', '', span.parameters) : []),
  ];
  const pdd = row && row.seizures >= LEAST_CALLS ? above(row.pdd_p95_ms, LIMITS.pdd) : null;
  if (row && pdd)
    found.push({
      severity: pdd,
      text: 'Calls take long to ring',
      detail: `5 % over ${ms(row.pdd_p95_ms)}`,
      to: link('calls', '', { filter: 'pdd_ms > 5s', ...span.parameters }),
    });
  for (const trunk of alerts.length ? [] : trunks) {
    if (!trunk.trunk) continue;
    for (const matter of ofQuality(trunk, ` on ${trunk.trunk}`, equal('trunk', trunk.trunk), span.parameters))
      if (!found.some((one) => one.severity === matter.severity && matter.text.startsWith(one.text)))
        found.push(matter);
  }
  for (const peer of peers.slice(0, 5))
    found.push({
      severity: peer.state === 'down' ? 'bad' : 'warn',
      text: `${peer.trunk ?? peer.peer ?? 'A peer'} is ${words(peer.state)}`,
      detail: peer.peer ?? '',
      to: link('security', '', { tab: 'peers' }),
    });
  if (attacks.length > 0) {
    const kinds = [...new Set(attacks.map((one) => words(one.type)))].join(', ');
    found.push({
      severity: 'warn',
      text:
        attacks.length === 1
          ? 'It looks like an attack'
          : `${number(attacks.length)} things look like attacks`,
      detail: kinds,
      to: link('security', '', { tab: 'attacks', ...span.parameters }),
    });
  }
  if (probe) found.push(...ofProbe(probe));
  return found.sort((a, b) => (a.severity === b.severity ? 0 : a.severity === 'bad' ? -1 : 1));
}
