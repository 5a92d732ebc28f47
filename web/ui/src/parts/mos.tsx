/* A MOS as it is always shown: mark, two decimals, band. */
import type { JSX } from 'preact';
import type { Band, CallRecord } from '../api/calltypes';
import { BANDS, MARKS, mos, rating } from '../base/format';

export function Mos({
  value,
  band,
  large,
  doubt,
  soFar,
}: {
  value: number | null | undefined;
  band?: Band | null | undefined;
  large?: boolean;
  soFar?: boolean; // it goes on
  doubt?: string | null; // why the figure is not the whole truth: then it has no colour
}): JSX.Element {
  const rated = rating(value);
  const known = `${rated}${band ? `, on the ${BANDS[band]} scale` : ''}`;
  const title = rated === 'none' ? 'MOS is not known' : doubt ? `${known}; but ${doubt}` : known;
  return (
    <span class={`mos ${doubt ? 'doubted' : rated}${large ? ' large' : ''}`} title={title}>
      {rated !== 'none' && (
        <span class="mark" aria-hidden="true">
          {doubt ? '?' : MARKS[rated]}
        </span>
      )}
      <span class="figure">{mos(value)}</span>
      {rated !== 'none' && band && <small>{band}</small>}
      {rated !== 'none' && soFar && <small class="sofar">so far</small>}
      <span class="sr"> {rated === 'none' ? 'not known' : rated}</span>
    </span>
  );
}

/** Why a call's MOS, good as it may be, does not say that the call was good. */
export function doubtOf(call: CallRecord): string | null {
  if (call.one_way) return 'it is of what was heard, and one side heard nothing';
  return call.capture_loss ? 'the capture itself lost packets of it' : null;
}

/** The state of a call with its SIP code, coloured only where it went wrong. */
export function State({ state, status }: { state: string | null; status?: number | null }): JSX.Element {
  const wrong = state === 'failed' || state === 'no_response';
  return (
    <span class={`callstate${wrong ? ' wrong' : ''}`}>
      {state ? state.replaceAll('_', ' ') : '–'}
      {status !== null && status !== undefined && status !== 200 && <small> {status}</small>}
    </span>
  );
}
