/* What the diagnosis says, call by call. */
import type { JSX } from 'preact';
import type { Finding } from '../api/calltypes';
import { clock, percent, placeOf, shortDay } from '../base/format';
import { link } from '../base/route';
import { FilteredList } from '../parts/filteredlist';
import type { ListColumn } from '../parts/list';

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
        {placeOf(f.points_to)} {f.peer && <small>{f.peer}</small>}
      </>
    ),
  },
  { title: 'Evidence', cell: (f) => <span class="long">{f.evidence}</span> },
  { title: 'Code', cell: (f) => <code>{f.code}</code> },
];

export function Findings(): JSX.Element {
  return (
    <article class="view">
      <h1>Findings</h1>
      <FilteredList<Finding>
        path="/findings"
        columns={COLUMNS}
        what="findings"
        empty="Nothing was found wrong in this time"
        example="code = loss_random and confidence > 0.7"
      />
    </article>
  );
}
