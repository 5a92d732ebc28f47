/* Day and time in a list. */
import type { JSX } from 'preact';
import { clock, day, shortDay } from '../base/format';

export function When({ time, year = false }: { time: string | null; year?: boolean }): JSX.Element {
  return (
    <span class="when">
      {time ? (
        <>
          <span class="dim">{year ? day(time) : shortDay(time)}</span> {clock(time)}
        </>
      ) : (
        '–'
      )}
    </span>
  );
}
