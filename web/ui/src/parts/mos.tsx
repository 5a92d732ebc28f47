/* A MOS as it is always shown: mark, two decimals, band. */
import type { JSX } from 'preact';
import type { Band } from '../api/types';
import { BANDS, MARKS, mos, rating } from '../base/format';

export function Mos({ value, band, large }: {
  value: number | null | undefined;
  band?: Band | null | undefined;
  large?: boolean;
}): JSX.Element {
  const rated = rating(value);
  const title = rated === 'none' ? 'MOS is not known' : `${rated}${band ? `, on the ${BANDS[band]} scale` : ''}`;
  return (
    <span class={`mos ${rated}${large ? ' large' : ''}`} title={title}>
      {rated !== 'none' && (
        <span class="mark" aria-hidden="true">
          {MARKS[rated]}
        </span>
      )}
      <span class="figure">{mos(value)}</span>
      {rated !== 'none' && band && <small>{band}</small>}
      <span class="sr"> {rated === 'none' ? 'not known' : rated}</span>
    </span>
  );
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
