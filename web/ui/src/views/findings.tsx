/* What the diagnosis says, call by call. */
import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import type { Problem } from '../api/client';
import type { Finding } from '../api/types';
import { clock, percent, shortDay, words } from '../base/format';
import { focusOn, onKeys } from '../base/keys';
import { link, parameter } from '../base/route';
import { FilterBox } from '../parts/filterbox';
import { List } from '../parts/list';
import type { ListColumn } from '../parts/list';
import { TimeRange } from '../parts/timerange';

const COLUMNS: ListColumn<Finding>[] = [
  {
    title: 'Call',
    cell: (f) =>
      f.call ? (
        <a href={link('call', f.call)}>
          <span class="dim">{shortDay(f.at)}</span> {clock(f.at)}
        </a>
      ) : (
        '–'
      ),
  },
  { title: 'What went wrong', cell: (f) => <span class="long">{f.sentence}</span> },
  { title: 'Sure', right: true, cell: (f) => percent(f.confidence === null ? null : f.confidence * 100, 0) },
  {
    title: 'Points to',
    cell: (f) => (
      <>
        {words(f.points_to)} {f.peer && <small>{f.peer}</small>}
      </>
    ),
  },
  { title: 'Evidence', cell: (f) => <span class="long">{f.evidence}</span> },
  { title: 'Code', cell: (f) => <code>{f.code}</code> },
];

export function Findings(): JSX.Element {
  const [problem, setProblem] = useState<Problem | null>(null);
  const filter = parameter('filter');
  const from = parameter('from');
  const to = parameter('to');
  useEffect(
    () =>
      onKeys((event) => {
        if (event.key !== '/') return false;
        focusOn('filter');
        return true;
      }),
    [],
  );
  return (
    <article class="view">
      <h1>Findings</h1>
      <div class="bar">
        <FilterBox
          filter={filter}
          problem={problem}
          example="code = loss_random and confidence > 0.7"
          label="Filter the list"
        />
        <TimeRange from={from} to={to} problem={problem} />
      </div>
      <List<Finding>
        path="/findings"
        question={{ filter, from, to }}
        columns={COLUMNS}
        what="findings"
        empty="Nothing was found wrong in this time"
        onProblem={setProblem}
      />
    </article>
  );
}
