/* One call: what was wrong with it, in words; then everything on one time axis; then figures. */
import type { JSX } from 'preact';
import { useEffect, useMemo, useState } from 'preact/hooks';
import { API, target } from '../api/client';
import { useQuery } from '../api/query';
import { talkedSeconds } from '../api/rows';
import type { CallRecord, Direction, Finding, LadderAnswer, Leg, WholeCall } from '../api/calltypes';
import type { PeerEvent } from '../api/peertypes';
import type { Id, Page as List } from '../api/types';
import { clock, duration, moment, party, percent, placeOf, rating, words, zoneName } from '../base/format';
import { equal } from '../base/filters';
import { onKeys } from '../base/keys';
import { go, link, parameter, set } from '../base/route';
import { axisOf } from '../call/axis';
import type { Axis } from '../call/axis';
import { Explain } from '../call/explain';
import { Ladder } from '../call/ladder';
import { LegCard } from '../call/legcard';
import { MessagePane } from '../call/message';
import { Plots } from '../call/plots';
import { StreamCard } from '../call/streamcard';
import { Timeline } from '../call/timeline';
import { BUFFERS, useTimelines } from '../call/timelines';
import { printPage } from '../base/settings';
import { Icon } from '../parts/icons';
import { Mos, State, doubtOf } from '../parts/mos';
import { Empty, Failed, Loading } from '../parts/states';

function Findings({ findings, whole }: { findings: Finding[]; whole: WholeCall }): JSX.Element {
  const sorted = [...findings].sort((a, b) => a.rank - b.rank);
  if (sorted.length === 0) {
    const { mos_lq_min: lowest, state } = whole.call;
    if (lowest !== null && rating(lowest) !== 'good' && rating(lowest) !== 'fair')
      return (
        <p class="finding">
          No cause was found for the low score; <a href="#scores">how it came about</a> stands below.
        </p>
      );
    const judged = lowest !== null || state !== 'completed';
    return (
      <p class="finding none">
        {judged ? 'Nothing was found wrong with this call.' : 'There is too little media to judge this call.'}
      </p>
    );
  }
  return (
    <ol class="findings" aria-label="Findings">
      {sorted.map((finding) => (
        <li key={finding.id} class="finding">
          <p class="sentence">{finding.sentence}</p>
          <p class="dim">
            {finding.confidence !== null && (
              <span class="confidence">{percent(finding.confidence * 100, 0)} sure</span>
            )}
            {finding.points_to && (
              <span>
                points to {placeOf(finding.points_to)}
                {finding.peer && ` (${finding.peer})`}
              </span>
            )}
            <span>{finding.evidence}</span>
            <code>{finding.code}</code>
          </p>
        </li>
      ))}
    </ol>
  );
}

function talked(leg: Leg | null): string {
  const word = leg?.state === 'in_progress' && leg.answered ? 'talking for' : 'talked';
  return `${word} ${duration(leg ? talkedSeconds(leg) : null)}`;
}

function Head({ whole, leg }: { whole: WholeCall; leg: Leg | null }): JSX.Element {
  const { call } = whole;
  return (
    <header class="callhead">
      <div class="who">
        <h1>
          <span>{leg?.number_from ?? party(leg?.from)}</span>
          <span class="to" aria-label="to">
            →
          </span>
          <span>{leg?.number_to ?? party(leg?.to)}</span>
        </h1>
        <p class="dim">
          {moment(call.start)} · {talked(leg)} · {call.legs.length}{' '}
          {call.legs.length === 1 ? 'leg' : 'legs'}
          {call.relation && ` · ${words(call.relation)}`} · call <code>{call.id}</code>
        </p>
      </div>
      <div class="verdict">
        <State state={call.state} status={leg?.status ?? null} />
        {call.one_way && <span class="tag bad">one-way audio</span>}
        {call.capture_loss && <span class="tag">the capture lost packets</span>}
        <Mos
          value={call.mos_lq_min}
          band={call.mos_lq_min_band}
          large
          doubt={doubtOf(call)}
          soFar={call.state === 'in_progress'}
        />
      </div>
    </header>
  );
}

/** Whose scores colour the drawings. */
function BufferChoice({ buffer }: { buffer: string }): JSX.Element {
  return (
    <select
      aria-label="Scored with"
      value={buffer}
      onChange={(event) =>
        set({ buffer: event.currentTarget.value === 'adaptive' ? null : event.currentTarget.value }, true)
      }
    >
      {Object.entries(BUFFERS).map(([name, title]) => (
        <option key={name} value={name}>
          {title}
        </option>
      ))}
    </select>
  );
}

/** Answered, but of that direction no packet was seen. */
function silentDirections(whole: WholeCall): Direction[] {
  const answered = whole.legs.some((leg) => leg.answered !== null && leg.audio_forward !== null);
  if (!answered) return [];
  const ways: Direction[] = ['forward', 'reverse'];
  return ways.filter((way) => !whole.streams.some((stream) => stream.direction === way));
}

function Silent({ direction, legs }: { direction: Direction; legs: Leg[] }): JSX.Element {
  const said = [
    ...new Set(
      legs.map((leg) => (direction === 'forward' ? leg.audio_forward : leg.audio_reverse)).filter(Boolean),
    ),
  ];
  return (
    <article class="card stream silent">
      <header>
        <h4>{direction === 'forward' ? 'Caller → callee' : 'Callee → caller'}</h4>
      </header>
      <p>No packet of this direction was seen here.</p>
      <p class="dim">Audio: {said.map(words).join(', ') || '–'}</p>
    </article>
  );
}

/** Calls that came out of one another: transfers, consultations, pickups. */
function Family({ call }: { call: CallRecord }): JSX.Element | null {
  const family = call.family;
  const query = useQuery<List<CallRecord>>(
    family ? target('/calls', { filter: equal('family', family), sort: 'start', limit: 50 }) : null,
  );
  const others = query.data?.items.filter((one) => one.id !== call.id) ?? [];
  if (others.length === 0) return null;
  return (
    <p class="family">
      Belongs together with{' '}
      {others.map((one) => (
        <a key={one.id} class="button" href={link('call', one.id)}>
          {clock(one.start)} {one.relation ? words(one.relation) : 'the first call'}
        </a>
      ))}
    </p>
  );
}

/** Outages of the addresses this call went over. */
function Outages({ events }: { events: PeerEvent[] }): JSX.Element | null {
  if (events.length === 0) return null;
  return (
    <ul class="findings" aria-label="Outages">
      {events.map((event) => (
        <li key={event.id} class="finding">
          <p>
            {words(event.type)}: {event.trunk ?? event.peer ?? '–'}{' '}
            {event.backup && `→ ${event.backup_trunk ?? event.backup}`}
          </p>
          <p class="dim">
            <span>since {clock(event.began)}</span>
            <span>
              {words(event.cause)}
              {event.status ? ` ${event.status}` : ''}
            </span>
            {event.duration_s !== null && <span>for {duration(event.duration_s)}</span>}
          </p>
        </li>
      ))}
    </ul>
  );
}

function Zoom({ axis }: { axis: Axis }): JSX.Element {
  const { from, to } = axis.shown.value;
  return (
    <div class="zoom" role="group" aria-label="Time shown">
      <span class="dim">
        {clock(from, 3)} – {clock(to, 3)}
      </span>
      <button type="button" aria-label="Earlier" onClick={() => axis.pan(-0.3)} disabled={!axis.zoomed.value}>
        ←
      </button>
      <button type="button" aria-label="Later" onClick={() => axis.pan(0.3)} disabled={!axis.zoomed.value}>
        →
      </button>
      <button type="button" aria-label="Zoom in" onClick={() => axis.zoom(0.5)}>
        +
      </button>
      <button type="button" aria-label="Zoom out" onClick={() => axis.zoom(2)} disabled={!axis.zoomed.value}>
        −
      </button>
      <button type="button" onClick={() => axis.reset()} disabled={!axis.zoomed.value}>
        Whole call
      </button>
    </div>
  );
}

/** Moves by one message, or changes the time shown. */
function useCallKeys(
  axis: Axis,
  ladder: LadderAnswer,
  chosen: string,
  choose: (id: string | null) => void,
): void {
  useEffect(
    () =>
      onKeys((event) => {
        const index = ladder.messages.findIndex((message) => message.id === chosen);
        const deeds: Record<string, () => void> = {
          '+': () => axis.zoom(0.5),
          '=': () => axis.zoom(0.5),
          '-': () => axis.zoom(2),
          '0': () => axis.reset(),
          ArrowLeft: () => axis.pan(-0.3),
          ArrowRight: () => axis.pan(0.3),
          j: () => choose(ladder.messages[index + 1]?.id ?? chosen),
          k: () => choose(ladder.messages[Math.max(0, index - 1)]?.id ?? chosen),
          u: () => (history.length > 1 ? history.back() : go(link('calls'))),
          Escape: () => choose(null),
        };
        const deed = deeds[event.key];
        deed?.();
        return deed !== undefined;
      }),
    [axis, ladder, chosen],
  );
}

function Page({ whole, ladder }: { whole: WholeCall; ladder: LadderAnswer }): JSX.Element {
  const axis = useMemo(
    () => axisOf(whole, ladder),
    [whole.call.id, whole.call.ended, ladder.messages.length],
  );
  const streams = useMemo(
    () =>
      [...whole.streams].sort(
        (a, b) =>
          (a.direction ?? '~').localeCompare(b.direction ?? '~') ||
          (a.first ?? '').localeCompare(b.first ?? ''),
      ),
    [whole],
  );
  const legs = useMemo(
    () => [...whole.legs].sort((a, b) => (a.start ?? '').localeCompare(b.start ?? '')),
    [whole],
  );
  const timelines = useTimelines(streams);
  const chosen = parameter('message');
  const choose = (id: string | null): void => set({ message: id === chosen ? null : id }, true);
  useCallKeys(axis, ladder, chosen, choose);
  const message = ladder.messages.find((one) => one.id === chosen);
  const first = legs[0] ?? null;
  const buffer = BUFFERS[parameter('buffer')] ? parameter('buffer') : 'adaptive';
  const silent = silentDirections(whole);
  const shared = {
    axis,
    legs,
    messages: ladder.messages,
    streams,
    timelines,
    buffer,
    silent,
    goesOn: whole.call.state === 'in_progress',
    chosen: chosen || null,
    choose,
  };
  return (
    <article class="call">
      <Head whole={whole} leg={legs.find((leg) => leg.id === whole.call.answered_leg) ?? first} />
      <Findings findings={whole.findings} whole={whole} />
      <Outages events={whole.events} />
      <Family call={whole.call} />
      <div class="calltools">
        <Zoom axis={axis} />
        <BufferChoice buffer={buffer} />
        <button type="button" onClick={printPage}>
          <Icon name="print" /> Report
        </button>
      </div>
      <section class="onaxis" aria-label="Over time">
        <Timeline {...shared} />
        <Plots axis={axis} streams={streams} timelines={timelines} buffer={buffer} />
      </section>
      <section class={`steps${message ? ' withpane' : ''}`} aria-label="Ladder">
        <h2>Ladder</h2>
        <Ladder {...shared} />
        {message && <MessagePane message={message} close={() => choose(null)} />}
        {ladder.truncated && <p class="dim">There are more messages than these.</p>}
      </section>
      <section aria-label="Directions">
        <h2>Directions</h2>
        {streams.length === 0 && silent.length === 0 && (
          <Empty title="No media was seen">No RTP belongs to this call, as far as this probe saw.</Empty>
        )}
        <div class="cards">
          {streams.map((stream) => (
            <StreamCard
              key={stream.id}
              stream={stream}
              upstream={streams.find((one) => one.id === stream.upstream) ?? null}
              reports={whole.reports.filter((report) => report.stream === stream.id)}
            />
          ))}
          {silent.map((direction) => (
            <Silent key={direction} direction={direction} legs={legs} />
          ))}
        </div>
      </section>
      <section aria-label="Legs">
        <h2>{legs.length === 1 ? 'Leg' : `${legs.length} legs`}</h2>
        <div class="cards">
          {first && legs.map((leg, i) => <LegCard key={leg.id} leg={leg} number={i + 1} first={first} />)}
        </div>
      </section>
      <section aria-label="Explanation">
        <h2 id="scores">How the scores came about</h2>
        <Explain id={whole.call.id} />
      </section>
      <p class="paper">
        Call {whole.call.id}, as a passive probe saw it where it stands: loss behind that point is known only
        from receivers' reports. MOS is an estimate by the E-model (ITU-T G.107), listening quality. Times are{' '}
        {zoneName()}. Printed {moment(Date.now())} by Earshot.
      </p>
    </article>
  );
}

const REFRESH_MS = 5000;

export function Call({ id }: { id: Id }): JSX.Element {
  const path = `${API}/calls/${encodeURIComponent(id)}`;
  const [running, setRunning] = useState(false);
  const whole = useQuery<WholeCall>(path, running ? REFRESH_MS : 0);
  const ladder = useQuery<LadderAnswer>(`${path}/ladder`, running ? REFRESH_MS : 0);
  const state = whole.data?.call.state ?? null;
  useEffect(() => setRunning(state === 'in_progress'), [state]);
  const problem = (whole.data ? undefined : whole.error) ?? (ladder.data ? undefined : ladder.error);
  if (problem?.status === 404)
    return (
      <Empty title="There is no such call">
        No call of id <code>{id}</code> is in this database. <a href={link('calls')}>All calls</a>
      </Empty>
    );
  if (problem)
    return (
      <Failed
        what="The call"
        problem={problem}
        retry={() => {
          whole.reload();
          ladder.reload();
        }}
      />
    );
  if (!whole.data || !ladder.data) return <Loading what="the call" />;
  return <Page whole={whole.data} ladder={ladder.data} />;
}
