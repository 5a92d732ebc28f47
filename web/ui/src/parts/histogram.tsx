/* Bars that can be pressed: each is a filter. */
import type { JSX } from 'preact';

export interface HistogramBar {
  label: string; // what the bar stands for, for people
  count: number;
  kind: string; // class of its colour
  press?: () => void;
}

export function Histogram({
  title,
  bars,
  axis,
}: {
  title: string;
  bars: HistogramBar[];
  axis: [string, string];
}): JSX.Element {
  const most = Math.max(1, ...bars.map((bar) => bar.count));
  return (
    <figure class="histogram">
      <figcaption>{title}</figcaption>
      <div class="bars" role="group" aria-label={title}>
        {bars.map((bar) => (
          <button
            key={bar.label}
            type="button"
            disabled={bar.count === 0 || !bar.press}
            title={`${bar.label}: ${bar.count}`}
            aria-label={`${bar.label}: ${bar.count} calls`}
            onClick={bar.press}
          >
            <span
              class={`bar ${bar.kind}`}
              style={{ height: `${bar.count ? Math.max(4, (bar.count / most) * 100) : 0}%` }}
            />
          </button>
        ))}
      </div>
      <div class="axis" aria-hidden="true">
        <span>{axis[0]}</span>
        <span>{axis[1]}</span>
      </div>
    </figure>
  );
}
