/* What the overview shows beside its verdict: figures, charts, trunks, causes. */
import type { ComponentChildren, JSX } from 'preact';
import { useMemo } from 'preact/hooks';
import { everyStep, STEP_MS, worstMos } from '../api/kpis';
import { target } from '../api/client';
import { sound, standing } from '../api/live';
import type { Sound } from '../api/live';
import { useQuery } from '../api/query';
import type { Finding, Leg } from '../api/calltypes';
import type { KpiAnswer, Kpis } from '../api/kpitypes';
import type { QualitySoFar } from '../api/probetypes';
import type { Id, Page } from '../api/types';
import { MARKS, clock, duration, mos, ms, number, percent, placeOf, user, words } from '../base/format';
import { equal } from '../base/filters';
import { go, link } from '../base/route';
import { Chart } from '../parts/chart';
import type { Series } from '../parts/chart';
import { Mos } from '../parts/mos';
import type { Span } from './span';

function Tile({
  name,
  value,
  sub,
  to,
  title,
}: {
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
  return to ? (
    <a class="tile" href={to} title={title}>
      {inside}
    </a>
  ) : (
    <div class="tile" title={title}>
      {inside}
    </div>
  );
}

const RATINGS = ['good', 'fair', 'poor', 'bad'] as const;

/* Shares of so many by how they sound: as a bar, and in words. */
function SoundBar({ of, what }: { of: Sound; what: string }): JSX.Element {
  const all = RATINGS.reduce((sum, rating) => sum + of[rating], 0);
  return (
    <>
      <div class="soundbar" aria-hidden="true">
        {RATINGS.map((rating) => (
          <i key={rating} class={`fill ${rating}`} style={{ flexGrow: of[rating] }} />
        ))}
      </div>
      <p>
        {RATINGS.map((rating) => (
          <span key={rating}>
            <span class={`mos ${rating}`}>
              <span class="mark" aria-hidden="true">
                {MARKS[rating]}
              </span>{' '}
              {percent((of[rating] / all) * 100, 1)}
            </span>{' '}
            {rating}
          </span>
        ))}
        <span class="dim">
          of {number(all)} {what}
        </span>
      </p>
    </>
  );
}

/* Those that sound worst of all that go on. Who they are is asked once for each of them. */
function WorstSoFar({ worst }: { worst: QualitySoFar['worst'] }): JSX.Element | null {
  const calls = [...new Set(worst.map((one) => one.call).filter((id): id is Id => id !== null))].sort();
  const legs = useQuery<Page<Leg>>(
    calls.length ? target('/legs', { filter: `call in (${calls.join(', ')})`, limit: 100 }) : null,
  );
  const legOf = (call: Id | null): Leg | undefined => legs.data?.items.find((leg) => leg.call === call);
  if (worst.length === 0) return null;
  return (
    <table>
      <caption>The lowest so far</caption>
      <thead>
        <tr>
          <th>Call</th>
          <th>Direction</th>
          <th>MOS so far</th>
          <th class="right">Loss</th>
          <th class="right">Jitter</th>
          <th class="right">As of</th>
        </tr>
      </thead>
      <tbody>
        {worst.map((one) => {
          const leg = legOf(one.call);
          const named = leg
            ? `${leg.number_from ?? user(leg.from)} → ${leg.number_to ?? user(leg.to)}`
            : 'of no call that was seen';
          return (
            <tr key={one.stream}>
              <th>{one.call ? <a href={link('call', one.call)}>{leg ? named : one.call}</a> : named}</th>
              <td>{one.direction === 'forward' ? '→ caller' : one.direction === 'reverse' ? '← callee' : '–'}</td>
              <td>
                <Mos value={one.mos_lq} band={one.band} />
              </td>
              <td class="right">{percent(one.loss_pct)}</td>
              <td class="right">{ms(one.jitter_mean_ms)}</td>
              <td class="right">{clock(one.at)}</td>
            </tr>
          );
        })}
      </tbody>
    </table>
  );
}

const WORTH_SHOWING = 4.03; // what sounds good needs no list

/** How calls in progress sounded in the last seconds, and how since they began. */
export function SoundNow(): JSX.Element | null {
  const now = sound.value;
  const soFar = standing.value?.quality;
  if (!standing.value || (!now && !soFar?.streams)) return null;
  const all = now ? RATINGS.reduce((sum, rating) => sum + now[rating], 0) : 0;
  return (
    <section class="card soundnow scrollx" aria-label="Calls in progress, now">
      <h2>Calls in progress, now</h2>
      {now && all > 0 ? (
        <SoundBar of={now} what="intervals of streams in the last seconds" />
      ) : (
        <p class="dim">No media to judge in the last seconds.</p>
      )}
      {soFar && soFar.streams > soFar.unscored && (
        <SoundBar of={soFar} what="streams, each since it began" />
      )}
      {soFar && <WorstSoFar worst={soFar.worst.filter((one) => one.mos_lq < WORTH_SHOWING)} />}
    </section>
  );
}

export function Tiles({ row, span }: { row: Kpis; span: Span }): JSX.Element {
  const calls = (filter: string): string => link('calls', '', { filter, ...span.parameters });
  const middle = worstMos(row, 'p50');
  const low = worstMos(row, 'p5');
  return (
    <section class="tiles" aria-label="Figures">
      {standing.value && (
        <Tile
          name="In progress"
          value={number(standing.value.calls_in_progress)}
          sub={`at ${clock(standing.value.at)}`}
          to={link('calls', '', { filter: 'state = in_progress' })}
        />
      )}
      <Tile name="Calls" value={number(row.seen)} sub={`${number(row.answered)} answered`} to={calls('')} />
      <Tile
        name="Attempts/s"
        value={number(row.cps, 2)}
        sub={`peak ${number(row.cps_peak)}`}
        to={calls('')}
      />
      <Tile
        name="At once"
        value={number(row.concurrent_peak)}
        sub={`${number(row.erlang, 1)} Erlang`}
        title="most calls at the same time"
        to={calls('state = in_progress')}
      />
      <Tile
        name="ASR"
        value={percent(row.asr, 1)}
        sub="answered"
        title="answer-seizure ratio, ITU-T E.411"
        to={calls('answered = null')}
      />
      <Tile
        name="NER"
        value={percent(row.ner, 1)}
        sub="delivered"
        title="network effectiveness ratio, ITU-T E.425"
        to={calls('state in (failed, no_response)')}
      />
      <Tile
        name="MOS, median"
        value={<Mos value={middle.value} band={middle.band} />}
        sub={`p5 ${mos(low.value)} ${low.band ?? ''}`}
        title="MOS of the stream in the middle, and what 5 % of streams are below; of the lowest band"
        to={calls('mos_lq_min < 3.6')}
      />
      <Tile
        name="Loss"
        value={percent(row.loss_pct)}
        sub={`p95 ${percent(row.loss_p95_pct, 1)}`}
        title="of all packets; and what 95 % of streams are below"
        to={calls('loss_pct > 1')}
      />
      <Tile
        name="One-way audio"
        value={percent(row.one_way_pct, 1)}
        sub="of judged calls"
        to={calls('one_way')}
      />
      <Tile
        name="Post-dial delay"
        value={ms(row.pdd_p50_ms)}
        sub={`p95 ${ms(row.pdd_p95_ms)}`}
        title="median; INVITE to first 18x or final response"
        to={calls('pdd_ms > 5s')}
      />
      <Tile
        name="Talked, mean"
        value={duration(row.acd_s)}
        sub={`${number(row.short_calls)} short calls`}
        title="average call duration"
        to={calls('duration_s < 10')}
      />
    </section>
  );
}

export function Charts({
  legs,
  calls,
  span,
}: {
  legs: KpiAnswer;
  calls: KpiAnswer;
  span: Span;
}): JSX.Element {
  const made = useMemo(() => {
    const { times, rows } = everyStep(calls.items, span.step);
    const sounds = new Map(legs.items.map((row) => [Date.parse(row.from), row]));
    const ofLegs = times.map((time) => sounds.get(time) ?? null);
    const of = (read: (row: Kpis) => number | null, from = rows): (number | null)[] =>
      from.map((row) => (row ? read(row) : null));
    const line = (
      name: string,
      colour: string,
      read: (row: Kpis) => number | null,
      decimals = 1,
      from = rows,
    ): Series => ({ name, colour, kind: 'line', values: of(read, from), decimals });
    return {
      times,
      calls: [
        { name: 'attempts', colour: 'none-fill', kind: 'bars', values: of((r) => r.seizures) },
        { name: 'answered', colour: 'accent', kind: 'bars', values: of((r) => r.answered) },
      ] as Series[],
      ratios: [line('NER', 'forward', (r) => r.ner), line('ASR', 'reverse', (r) => r.asr)],
      mos: [
        line('median', 'forward', (r) => worstMos(r, 'p50').value, 2, ofLegs),
        line('worst 5 %', 'bad', (r) => worstMos(r, 'p5').value, 2, ofLegs),
      ],
      busy: [
        { name: 'calls at once', colour: 'forward', kind: 'area', values: of((r) => r.concurrent_peak) },
      ] as Series[],
    };
  }, [legs, calls]);
  const press =
    (filter: string) =>
    (from: number, to: number): void =>
      go(link('calls', '', { filter, from: new Date(from).toISOString(), to: new Date(to).toISOString() }));
  const common = { times: made.times, step: STEP_MS[span.step] };
  if (made.times.length === 0) return <></>;
  return (
    <section class="chartgrid" aria-label="Over time">
      <Chart {...common} title="Calls" unit={`each ${span.step}`} series={made.calls} press={press('')} />
      <Chart {...common} title="Calls at once" unit="most" series={made.busy} press={press('')} />
      <Chart
        {...common}
        title="ASR, NER"
        unit="%"
        series={made.ratios}
        range={[0, 100]}
        press={press('state in (failed, no_response)')}
      />
      <Chart
        {...common}
        title="MOS"
        unit="lowest band"
        series={made.mos}
        range={[1, 4.6]}
        press={press('mos_lq_min < 3.6')}
      />
    </section>
  );
}

export function WorstTrunks({ answer, span }: { answer: KpiAnswer; span: Span }): JSX.Element | null {
  const rows = answer.items
    .filter((row) => row.trunk && row.seizures > 0)
    .sort((a, b) => (a.ner ?? 101) - (b.ner ?? 101))
    .slice(0, 8);
  if (rows.length === 0) return null;
  return (
    <section class="card scrollx">
      <h2>Trunks, worst first</h2>
      <table>
        <thead>
          <tr>
            <th>Trunk</th>
            <th class="right">Calls</th>
            <th class="right">ASR</th>
            <th class="right">NER</th>
            <th class="right">PDD 95 %</th>
            <th class="right">Loss 95 %</th>
            <th>MOS 5 %</th>
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => {
            const low = worstMos(row, 'p5');
            const trunk = row.trunk ?? '';
            return (
              <tr key={trunk}>
                <th>
                  <a href={link('trunks', trunk, span.parameters)}>{trunk}</a>
                </th>
                <td class="right">
                  <a href={link('calls', '', { filter: equal('trunk', trunk), ...span.parameters })}>
                    {number(row.seizures)}
                  </a>
                </td>
                <td class="right">{percent(row.asr, 1)}</td>
                <td class="right">{percent(row.ner, 1)}</td>
                <td class="right">{ms(row.pdd_p95_ms)}</td>
                <td class="right">{percent(row.loss_p95_pct, 1)}</td>
                <td>
                  <Mos value={low.value} band={low.band} />
                </td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </section>
  );
}

/** Whose doing what went wrong most probably is, and at whose address. */
export function Faults({ page, span }: { page: Page<Finding>; span: Span }): JSX.Element | null {
  const places = new Map<string, Map<string, number>>();
  for (const finding of page.items) {
    if (finding.rank !== 1 || !finding.points_to) continue;
    const peers = places.get(finding.points_to) ?? new Map<string, number>();
    const peer = (finding.peer ?? '').replace(/:\d+$/, '');
    places.set(finding.points_to, peers.set(peer, (peers.get(peer) ?? 0) + 1));
  }
  const all = [...places].map(([place, peers]) => ({
    place,
    count: [...peers.values()].reduce((sum, n) => sum + n, 0),
    most: [...peers].filter(([peer]) => peer).sort((a, b) => b[1] - a[1])[0],
  }));
  const total = all.reduce((sum, one) => sum + one.count, 0);
  if (total === 0) return null;
  return (
    <section class="card scrollx">
      <h2>
        Whose fault <small>by the most probable cause of each call</small>
      </h2>
      <table>
        <thead>
          <tr>
            <th>It points to</th>
            <th class="right">Calls</th>
            <th class="right">Share</th>
            <th>Most at</th>
          </tr>
        </thead>
        <tbody>
          {all
            .sort((a, b) => b.count - a.count)
            .map((one) => (
              <tr key={one.place}>
                <th>
                  <a
                    href={link('findings', '', {
                      filter: `rank = 1 and ${equal('points_to', one.place)}`,
                      ...span.parameters,
                    })}
                  >
                    {placeOf(one.place)}
                  </a>
                </th>
                <td class="right">{number(one.count)}</td>
                <td class="right">{percent((one.count / total) * 100, 0)}</td>
                <td>
                  {one.most ? (
                    <>
                      {one.most[0]} <small class="dim">{number(one.most[1])}</small>
                    </>
                  ) : (
                    '–'
                  )}
                </td>
              </tr>
            ))}
        </tbody>
      </table>
    </section>
  );
}

const EXAMPLES = 3;

/** What the diagnosis says most often, with the latest calls of each. */
export function Causes({ page, span }: { page: Page<Finding>; span: Span }): JSX.Element | null {
  const groups = new Map<string, Finding[]>();
  for (const finding of page.items) {
    if (finding.rank !== 1) continue;
    groups.set(finding.code, [...(groups.get(finding.code) ?? []), finding]);
  }
  const sorted = [...groups].sort((a, b) => b[1].length - a[1].length).slice(0, 8);
  if (sorted.length === 0) return null;
  return (
    <section class="card">
      <h2>
        What went wrong most{' '}
        <small>{page.truncated ? `in the latest ${number(page.items.length)} findings` : span.text}</small>
      </h2>
      <ul class="causes">
        {sorted.map(([code, found]) => (
          <li key={code}>
            <a
              class="count"
              href={link('findings', '', {
                filter: `rank = 1 and ${equal('code', code)}`,
                ...span.parameters,
              })}
              aria-label={`${words(code)}: all ${found.length} calls`}
            >
              {number(found.length)}
            </a>
            <div>
              <p>{words(code)}</p>
              <p class="dim">{found[0]?.sentence}</p>
              <p class="examples">
                {[...new Set(found.map((one) => one.call))].slice(0, EXAMPLES).map((id, i) =>
                  id ? (
                    <a key={id} href={link('call', id)}>
                      {i === 0 ? 'latest call' : `another`}
                    </a>
                  ) : null,
                )}
              </p>
            </div>
          </li>
        ))}
      </ul>
    </section>
  );
}
