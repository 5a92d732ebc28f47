/* Who did what, newest first: for admins. */
import type { JSX } from 'preact';
import type { AuditRow } from '../api/types';
import { words } from '../base/format';
import { parameter } from '../base/route';
import { List } from '../parts/list';
import type { ListColumn } from '../parts/list';
import { TimeRange } from '../parts/timerange';
import { When } from '../parts/when';

const COLUMNS: ListColumn<AuditRow>[] = [
  { title: 'At', cell: (row) => <When time={row.at} year /> },
  { title: 'Who', cell: (row) => row.who },
  { title: 'By', cell: (row) => row.way },
  { title: 'From', cell: (row) => row.address ?? '–' },
  { title: 'What', cell: (row) => words(row.action) },
  { title: 'To', cell: (row) => <span class="long">{row.subject ?? '–'}</span> },
];

export function Audit(): JSX.Element {
  const from = parameter('from');
  const to = parameter('to');
  return (
    <>
      <div class="bar">
        <TimeRange from={from} to={to} problem={null} />
      </div>
      <List<AuditRow>
        path="/audit"
        question={{ from, to }}
        columns={COLUMNS}
        what="rows"
        empty="Nobody did anything in this time"
      />
    </>
  );
}
