/* A figure by hour of the week: seven rows of 24, darker is more, or worse where there is a worse. */
import type { JSX } from 'preact';
import { number } from '../base/format';

export interface HeatCell {
  hour: number; // 0 is Monday, midnight to one
  value: number | null;
  count: number;
}

const DAYS = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'];

export function HeatMap({
  title,
  cells,
  show,
  bad,
}: {
  title: string;
  cells: HeatCell[];
  show: (value: number | null) => string;
  bad: 'low' | 'high' | 'none';
}): JSX.Element {
  const byHour = new Map(cells.map((cell) => [cell.hour, cell]));
  const known = cells.flatMap((cell) => (cell.value === null ? [] : [cell.value]));
  const low = Math.min(...known);
  const high = Math.max(...known);
  const depth = (value: number): number => {
    const share = high > low ? (value - low) / (high - low) : bad === 'low' ? 1 : 0.5;
    return bad === 'low' ? 1 - share : share;
  };
  return (
    <div class="heat scrollx">
      <table aria-label={`${title} by hour of the week`}>
        <thead>
          <tr>
            <th />
            {Array.from({ length: 24 }, (_, hour) => (
              <th key={hour} scope="col">
                {hour % 3 === 0 ? String(hour).padStart(2, '0') : ''}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {DAYS.map((name, weekday) => (
            <tr key={name}>
              <th scope="row">{name}</th>
              {Array.from({ length: 24 }, (_, hour) => {
                const cell = byHour.get(weekday * 24 + hour);
                const label = cell
                  ? `${name} ${hour}:00, ${show(cell.value)}, ${number(cell.count)} calls`
                  : `${name} ${hour}:00, nothing`;
                const style =
                  cell && cell.value !== null
                    ? { '--depth': `${Math.round(12 + depth(cell.value) * 88)}%` }
                    : {};
                return (
                  <td
                    key={hour}
                    class={cell && cell.value !== null ? (bad === 'none' ? 'more' : 'worse') : 'nothing'}
                    style={style}
                    title={label}
                    aria-label={label}
                  />
                );
              })}
            </tr>
          ))}
        </tbody>
      </table>
      <p class="dim heatkey">
        {known.length ? (
          <>
            {show(bad === 'low' ? high : low)} <i class={bad === 'none' ? 'more' : 'worse'} />{' '}
            {show(bad === 'low' ? low : high)}
          </>
        ) : (
          'Nothing in this time.'
        )}
      </p>
    </div>
  );
}
