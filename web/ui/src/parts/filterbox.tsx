/* Where a filter is typed; what is wrong with it is shown under the place. */
import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import type { Problem } from '../api/client';
import { set } from '../base/route';
import { Icon } from './icons';

export function FilterBox({ filter, problem }: { filter: string; problem: Problem | null }): JSX.Element {
  const [text, setText] = useState(filter);
  useEffect(() => setText(filter), [filter]);
  const wrong = problem?.parameter === 'filter' && text === filter ? problem : null;
  const submit = (event: Event): void => {
    event.preventDefault();
    set({ filter: text.trim() || null });
  };
  return (
    <form class="filter" onSubmit={submit} role="search" aria-label="Filter calls">
      <div class={`field${wrong ? ' wrong' : ''}`}>
        <Icon name="funnel" />
        <input
          id="filter"
          type="text"
          value={text}
          spellcheck={false}
          autocomplete="off"
          autocapitalize="off"
          placeholder="mos_lq_min < 3.6 and (status = 503 or one_way)"
          aria-label="Filter"
          aria-invalid={wrong !== null}
          aria-describedby={wrong ? 'filter-problem' : undefined}
          onInput={(event) => setText(event.currentTarget.value)}
        />
        {text && (
          <button type="button" class="plain" aria-label="Clear the filter" onClick={() => { setText(''); set({ filter: null }); }}>
            <Icon name="close" />
          </button>
        )}
      </div>
      {wrong && (
        <div id="filter-problem" class="wrongplace" role="alert">
          {wrong.column !== undefined && (
            <pre aria-hidden="true">{`${filter}\n${' '.repeat(Math.max(0, wrong.column - 1))}^`}</pre>
          )}
          {wrong.column !== undefined && <span>At {wrong.column}: </span>}
          {wrong.message}
        </div>
      )}
    </form>
  );
}
