/*
 * The ladder as people read it: a row for each message, time going down, and where media went
 * on between two of them a row with its quality. It shows what the time axis shows.
 */
import type { JSX } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import type { Leg, Message, Stream } from '../api/calltypes';
import { clock, duration, mos, rating } from '../base/format';
import { at } from './axis';
import type { Axis } from './axis';
import { host, kindOf, partiesOf } from './parties';
import type { Party } from './parties';
import { scoreOf, stepOf } from './timelines';
import type { Timelines } from './timelines';

const MEDIA_MS = 1000; // a shorter pause is no row of its own

interface Props {
  axis: Axis;
  legs: Leg[];
  messages: Message[];
  streams: Stream[];
  timelines: Timelines;
  buffer: string;
  goesOn: boolean; // media follows the last message, too
  chosen: string | null;
  choose: (id: string) => void;
}

function Arrow({ message, parties }: { message: Message; parties: Party[] }): JSX.Element {
  const from = parties.findIndex((party) => party.host === host(message.src));
  const to = parties.findIndex((party) => party.host === host(message.dst));
  const middle = (i: number): number => ((i + 0.5) / parties.length) * 100;
  const low = middle(Math.min(from, to));
  const high = middle(Math.max(from, to));
  const right = to > from;
  return (
    <div class="lane">
      {parties.map((party, i) => (
        <i key={party.host} class="lifeline" style={{ left: `${middle(i)}%` }} />
      ))}
      <span
        class={`arrow ${right ? 'right' : 'left'}${message.retransmission ? ' again' : ''}`}
        style={{ left: `${low}%`, width: `${Math.max(4, high - low)}%` }}
      >
        <span class="what">
          {message.summary}
          {message.sdp && <small> SDP</small>}
          {message.retransmission && <small> again</small>}
        </span>
      </span>
    </div>
  );
}

/* What media did between two messages: for each stream that was there, its worst interval. */
function Media({ from, to, props }: { from: number; to: number; props: Props }): JSX.Element | null {
  const heard = props.streams.filter((s) => (at(s.first) ?? Infinity) < to && (at(s.last) ?? 0) > from);
  if (heard.length === 0) return null;
  return (
    <li class="media" aria-label={`Media for ${duration((to - from) / 1000)}`}>
      <time>{duration((to - from) / 1000)}</time>
      <div class="mediarows">
        {heard.map((stream) => {
          const between = (props.timelines.get(stream.id) ?? []).filter(
            (one) => Date.parse(one.at) < to && Date.parse(one.at) > from - 5000,
          );
          const step = stepOf(between);
          const known = between
            .map((one) => scoreOf(one, props.buffer))
            .filter((score): score is number => score !== null);
          const begin = Math.max(from, at(stream.first) ?? from);
          const end = Math.min(to, at(stream.last) ?? to);
          const place = (time: number): string => `${((time - from) / (to - from)) * 100}%`;
          const worst = known.length ? Math.min(...known) : stream.mos_lq;
          return (
            <div key={stream.id} class="mediarow">
              <span>
                {stream.direction === 'forward' ? '→' : stream.direction === 'reverse' ? '←' : '·'}{' '}
                {stream.codec ?? 'RTP'} {stream.point ?? ''}
              </span>
              <span class="strip" aria-hidden="true">
                {between.length === 0 && (
                  <i
                    class={`fill ${rating(stream.mos_lq)}`}
                    style={{ left: place(begin), right: `calc(100% - ${place(end)})` }}
                  />
                )}
                {between.map((one) => {
                  const starts = Math.max(begin, Date.parse(one.at));
                  const ends = Math.min(end, Date.parse(one.at) + step);
                  if (ends <= starts) return null;
                  return (
                    <i
                      key={one.at}
                      class={`fill ${rating(scoreOf(one, props.buffer))}`}
                      style={{ left: place(starts), right: `calc(100% - ${place(ends)} + 1px)` }}
                    />
                  );
                })}
              </span>
              <span class={`mos ${rating(worst)}`}>lowest {mos(worst)}</span>
            </div>
          );
        })}
      </div>
    </li>
  );
}

export function Ladder(props: Props): JSX.Element {
  const parties = partiesOf(props.legs, props.messages);
  const { from, to } = props.axis.shown.value;
  const list = useRef<HTMLOListElement>(null);
  const seen = props.messages.filter((message) => {
    const time = at(message.at) ?? 0;
    return time >= from && time <= to;
  });
  useEffect(() => {
    list.current?.querySelector('.chosen')?.scrollIntoView({ block: 'nearest' });
  }, [props.chosen]);
  const first = at(props.messages[0]?.at) ?? 0;
  return (
    <div class="ladder">
      <div class="lanes head" aria-hidden="true">
        <span class="when" />
        <div class="lane">
          {parties.map((party, i) => (
            <b key={party.host} style={{ left: `${((i + 0.5) / parties.length) * 100}%` }} title={party.host}>
              {party.name}
            </b>
          ))}
        </div>
      </div>
      {seen.length === 0 && <p class="dim">No message within the time shown.</p>}
      <ol ref={list}>
        {seen.map((message, i) => {
          const time = at(message.at) ?? 0;
          const next = at(seen[i + 1]?.at) ?? (props.goesOn ? to : null);
          return [
            <li key={message.id}>
              <button
                type="button"
                class={`lanes ${kindOf(message.summary)}${message.id === props.chosen ? ' chosen' : ''}`}
                aria-pressed={message.id === props.chosen}
                onClick={() => props.choose(message.id)}
              >
                <time title={clock(message.at, 3)}>
                  {clock(message.at, 3)} <small>+{((time - first) / 1000).toFixed(3)}</small>
                </time>
                <Arrow message={message} parties={parties} />
                <span class="sr">
                  from {message.src} to {message.dst}
                </span>
              </button>
            </li>,
            next !== null && next - time >= MEDIA_MS ? (
              <Media key={`${message.id} media`} from={time} to={next} props={props} />
            ) : null,
          ];
        })}
      </ol>
    </div>
  );
}
