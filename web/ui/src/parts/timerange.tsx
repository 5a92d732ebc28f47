/* From when to when: some usual spans, or two times. */
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import type { Problem } from '../api/client';
import { moment } from '../base/format';
import { set } from '../base/route';
import { zone } from '../base/settings';

const SPANS: [string, string][] = [
  ['', 'All time'],
  ['-15m', 'Last 15 minutes'],
  ['-1h', 'Last hour'],
  ['-6h', 'Last 6 hours'],
  ['-24h', 'Last 24 hours'],
  ['-7d', 'Last 7 days'],
  ['-30d', 'Last 30 days'],
];

/* What a datetime-local field says, in the zone of the page, as RFC 3339. */
function asTime(value: string): string | null {
  if (!value) return null;
  const at = new Date(zone.value === 'UTC' ? `${value}Z` : value);
  return Number.isFinite(at.getTime()) ? at.toISOString() : null;
}

export function TimeRange({
  from,
  to,
  problem,
}: {
  from: string;
  to: string;
  problem: Problem | null;
}): JSX.Element {
  const usual = SPANS.some(([span]) => span === from) && !to;
  const [own, setOwn] = useState(false);
  const wrong = problem?.parameter === 'from' || problem?.parameter === 'to' ? problem : null;
  const choose = (value: string): void => {
    setOwn(value === 'own');
    if (value !== 'own') set({ from: value || null, to: null });
  };
  return (
    <div class="range">
      <select
        aria-label="Time"
        value={own || !usual ? 'own' : from}
        onChange={(event) => choose(event.currentTarget.value)}
      >
        {SPANS.map(([span, title]) => (
          <option key={span} value={span}>
            {title}
          </option>
        ))}
        <option value="own">From … to …</option>
      </select>
      {(own || !usual) && (
        <span class="own">
          <input
            type="datetime-local"
            step="1"
            aria-label="From"
            onChange={(e) => set({ from: asTime(e.currentTarget.value) })}
          />
          <input
            type="datetime-local"
            step="1"
            aria-label="To"
            onChange={(e) => set({ to: asTime(e.currentTarget.value) })}
          />
        </span>
      )}
      {!usual && (
        <button
          type="button"
          class="chip on"
          onClick={() => set({ from: null, to: null })}
          title="Take this time away"
        >
          {from && Number.isFinite(Date.parse(from)) ? moment(from) : from || 'the beginning'} –{' '}
          {to ? moment(to) : 'now'} ×
        </button>
      )}
      {wrong && (
        <div class="wrongplace" role="alert">
          {wrong.message}
        </div>
      )}
    </div>
  );
}
