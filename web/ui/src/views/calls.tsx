/* The list of calls: filter, charts of what was loaded, table. All of its state is in the URL. */
import type { JSX } from 'preact';
import { useEffect, useMemo, useState } from 'preact/hooks';
import { epoch, target } from '../api/client';
import { ended } from '../api/live';
import { CallRows } from '../api/rows';
import { number } from '../base/format';
import { both } from '../base/filters';
import { parameter, set } from '../base/route';
import { columnsBefore, remember } from '../base/settings';
import { FilterBox } from '../parts/filterbox';
import { Icon } from '../parts/icons';
import { TimeRange } from '../parts/timerange';
import { COLUMNS } from './columns';
import { CallCharts } from './callcharts';
import { CallTable } from './calltable';

const USUAL = COLUMNS.filter((column) => column.shown).map((column) => column.name);

/* What people look for most, as one press each. */
const SHORTCUTS: { title: string; filter: string }[] = [
  { title: 'MOS below 3.6', filter: 'mos_lq_min < 3.6' },
  { title: 'One-way', filter: 'one_way' },
  { title: 'Failed', filter: 'state in (failed, no_response)' },
  { title: 'In progress', filter: 'state = in_progress' },
  { title: 'Loss above 1 %', filter: 'loss_pct > 1' },
];

function chosenColumns(): string[] {
  const wanted = parameter('columns') || columnsBefore || '';
  const names = wanted.split(',').filter((name) => COLUMNS.some((column) => column.name === name));
  return names.length ? names : USUAL;
}

function ColumnChooser({ chosen }: { chosen: string[] }): JSX.Element {
  const toggle = (name: string): void => {
    const next = COLUMNS.filter((c) => (c.name === name ? !chosen.includes(name) : chosen.includes(c.name)));
    const text = next.map((column) => column.name).join(',');
    remember('columns', text);
    set({ columns: text === USUAL.join(',') ? null : text }, true);
  };
  return (
    <details class="menu">
      <summary class="button" aria-label="Columns">
        <Icon name="columns" /> <span class="wide">Columns</span>
      </summary>
      <div class="sheet">
        {COLUMNS.map((column) => (
          <label key={column.name}>
            <input
              type="checkbox"
              checked={chosen.includes(column.name)}
              onChange={() => toggle(column.name)}
            />
            {column.title}
          </label>
        ))}
      </div>
    </details>
  );
}

/** The CSV of exactly this question; the browser saves it under a fixed name. */
function CsvLink({ question }: { question: Record<string, string> }): JSX.Element {
  const [busy, setBusy] = useState(false);
  const save = async (): Promise<void> => {
    setBusy(true);
    try {
      const answer = await fetch(target('/calls', { ...question, limit: 1000 }), {
        headers: { Accept: 'text/csv' },
      });
      if (!answer.ok) return;
      const url = URL.createObjectURL(await answer.blob());
      const anchor = document.createElement('a');
      anchor.href = url;
      anchor.download = 'earshot-calls.csv';
      anchor.click();
      URL.revokeObjectURL(url);
    } finally {
      setBusy(false);
    }
  };
  return (
    <button
      type="button"
      disabled={busy}
      onClick={() => void save()}
      title="The first 1,000 of these calls as CSV; `earshot calls --csv` has more"
    >
      <Icon name="download" /> CSV
    </button>
  );
}

export function Calls(): JSX.Element {
  const filter = parameter('filter');
  const from = parameter('from');
  const to = parameter('to');
  const sort = parameter('sort');
  const again = epoch.value;
  const rows = useMemo(() => new CallRows({ filter, from, to, sort }), [filter, from, to, sort, again]);
  useEffect(() => () => rows.stop(), [rows]);
  const problem = rows.problem.value;
  const chosen = chosenColumns();
  const add = (more: string): void => set({ filter: both(filter, more) });
  return (
    <div class="calls">
      <h1 class="sr">Calls</h1>
      <div class="bar">
        <FilterBox
          filter={filter}
          problem={problem}
          example="mos_lq_min < 3.6 and (status = 503 or one_way)"
          label="Filter calls"
        />
        <TimeRange from={from} to={to} problem={problem} />
        <ColumnChooser chosen={chosen} />
        <CsvLink question={{ filter, from, to, sort }} />
      </div>
      <div class="chips" role="group" aria-label="Frequent filters">
        {SHORTCUTS.map((one) => (
          <button
            key={one.filter}
            type="button"
            class={`chip${filter.includes(one.filter) ? ' on' : ''}`}
            aria-pressed={filter.includes(one.filter)}
            onClick={() => (filter === one.filter ? set({ filter: null }) : add(one.filter))}
          >
            {one.title}
          </button>
        ))}
      </div>
      <CallCharts rows={rows} add={add} filter={filter} from={from} to={to} />
      {ended.value.count > 0 && !sort && !to && (
        <button type="button" class="news" onClick={() => epoch.value++}>
          {ended.value.count === 1 ? 'One call has ended' : `${number(ended.value.count)} calls have ended`}{' '}
          meanwhile: show
        </button>
      )}
      <CallTable rows={rows} columns={COLUMNS.filter((c) => chosen.includes(c.name))} sort={sort} add={add} />
    </div>
  );
}
