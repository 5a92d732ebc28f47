/* One leg: what its signalling says. Siblings stand side by side. */
import type { ComponentChildren, JSX } from 'preact';
import type { Leg } from '../api/calltypes';
import { clock, duration, ms, number, party, words } from '../base/format';
import { State } from '../parts/mos';

function Fact({
  name,
  children,
  differs,
}: {
  name: string;
  children: ComponentChildren;
  differs?: boolean | undefined;
}): JSX.Element {
  return (
    <div class={differs ? 'differs' : ''}>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

export function LegCard({
  leg,
  number: ordinal,
  first,
}: {
  leg: Leg;
  number: number;
  first: Leg;
}): JSX.Element {
  const other = leg.id !== first.id;
  const differs = (read: (leg: Leg) => unknown): boolean =>
    other && String(read(leg)) !== String(read(first)) && String(read(leg) ?? '') !== '';
  const end = [leg.ended_by && `by ${words(leg.ended_by)}`, leg.ended_how && words(leg.ended_how)]
    .filter(Boolean)
    .join(', ');
  return (
    <article class="card leg">
      <header>
        <div>
          <h4>Leg {ordinal}</h4>
          <p class="dim address">
            {leg.trunk_src ? `${leg.trunk_src} ` : ''}
            {leg.src ?? '–'} → {leg.trunk_dst ? `${leg.trunk_dst} ` : ''}
            {leg.dst ?? '–'}
          </p>
        </div>
        <State state={leg.state} status={leg.status} />
      </header>
      <dl class="facts">
        <Fact name="From" differs={differs((one) => one.from)}>
          {party(leg.from)}
        </Fact>
        <Fact name="To" differs={differs((one) => one.to)}>
          {party(leg.to)}
        </Fact>
        <Fact name="Began">{clock(leg.start, 3)}</Fact>
        <Fact name="Post-dial delay">{ms(leg.pdd_ms)}</Fact>
        <Fact name="Set up in">{ms(leg.setup_ms)}</Fact>
        <Fact name="Talked">{duration(leg.duration_s)}</Fact>
        <Fact name="Ended">{end || '–'}</Fact>
        <Fact name="Reason">
          {[leg.status, leg.cause_text ?? leg.reason, leg.q850 !== null ? `Q.850 ${leg.q850}` : null]
            .filter((x) => x !== null)
            .join(' ') || '–'}
        </Fact>
        <Fact name="Codecs" differs={differs((one) => one.codecs)}>
          {leg.codecs.join(', ') || '–'}
        </Fact>
        <Fact name="Transport" differs={differs((one) => one.transport)}>
          {leg.transport ?? '–'}
        </Fact>
        <Fact name="Audio →">{words(leg.audio_forward)}</Fact>
        <Fact name="Audio ←">{words(leg.audio_reverse)}</Fact>
        <Fact name="Hold">
          {leg.holds
            ? `${number(leg.holds)} times, ${duration(leg.hold_s)}, by ${words(leg.held_by)}`
            : 'never'}
        </Fact>
        {leg.points && <Fact name="Seen at">{leg.points.replaceAll(',', ', ')}</Fact>}
        <Fact name="Messages">
          {number(leg.messages)}
          {leg.retransmissions > 0 && `, ${number(leg.retransmissions)} again`}
        </Fact>
        <Fact name="Caller's device">{leg.user_agent ?? '–'}</Fact>
        <Fact name="Callee's device">{leg.server ?? '–'}</Fact>
        <Fact name="Call-ID" differs={differs((one) => one.sip_call_id)}>
          <span class="mono">{leg.sip_call_id ?? '–'}</span>
        </Fact>
        {leg.joined_by && (
          <Fact name="Joined by">
            {words(leg.joined_by)}
            {leg.joined_header && ` (${leg.joined_header})`}
            {leg.joined_offset_ms !== null && `, ${ms(leg.joined_offset_ms)} later`}
          </Fact>
        )}
      </dl>
      {(leg.flags.length > 0 || leg.changes.length > 0) && (
        <p class="tags">
          {leg.flags.map((flag) => (
            <span key={flag} class="tag">
              {words(flag)}
            </span>
          ))}
          {leg.changes.map((change) => (
            <span key={change} class="tag">
              other {words(change)}
            </span>
          ))}
        </p>
      )}
    </article>
  );
}
