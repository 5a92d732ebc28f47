/* A list with its filter and its time, all of it in the URL; `/` goes to the filter. */
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import type { Problem } from '../api/client';
import type { Id } from '../api/types';
import { parameter } from '../base/route';
import { FilterBox } from './filterbox';
import { List } from './list';
import type { ListColumn } from './list';
import { TimeRange } from './timerange';

export function FilteredList<T extends { id: Id }>({
  path,
  columns,
  what,
  empty,
  example,
}: {
  path: string;
  columns: ListColumn<T>[];
  what: string; // "registrations"
  empty: string;
  example: string; // of a filter
}): JSX.Element {
  const [problem, setProblem] = useState<Problem | null>(null);
  const filter = parameter('filter');
  const from = parameter('from');
  const to = parameter('to');
  return (
    <>
      <div class="bar">
        <FilterBox filter={filter} problem={problem} example={example} label="Filter the list" />
        <TimeRange from={from} to={to} problem={problem} />
      </div>
      <List<T>
        path={path}
        question={{ filter, from, to }}
        columns={columns}
        what={what}
        empty={empty}
        onProblem={setProblem}
      />
    </>
  );
}
