/* Where a filter is typed; what is wrong with it is shown under the place. */
import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import type { Problem } from '../api/client';
import { focusOn, onKeys } from '../base/keys';
import { set } from '../base/route';
import { Icon } from './icons';

export function FilterBox({
  filter,
  problem,
  example,
  label,
}: {
  filter: string;
  problem: Problem | null;
  example: string;
  label: string;
}): JSX.Element {
  const [text, setText] = useState(filter);
  useEffect(() => setText(filter), [filter]);
  useEffect(
    () =>
      onKeys((event) => {
        if (event.key !== '/') return false;
        focusOn('filter');
        return true;
      }),
    [],
  );
  const wrong = problem?.parameter === 'filter' && text === filter ? problem : null;
  const submit = (event: Event): void => {
    event.preventDefault();
    set({ filter: text.trim() || null });
  };
  return (
    <form class="filter" onSubmit={submit} role="search" aria-label={label}>
      <div class={`field${wrong ? ' wrong' : ''}`}>
        <Icon name="funnel" />
        <input
          id="filter"
          type="text"
          value={text}
          spellcheck={false}
          autocomplete="off"
          autocapitalize="off"
          placeholder={example}
          aria-label="Filter"
          aria-invalid={wrong !== null}
          aria-describedby={wrong ? 'filter-problem' : undefined}
          onInput={(event) => setText(event.currentTarget.value)}
        />
        {text && (
          <button
            type="button"
            class="plain"
            aria-label="Clear the filter"
            onClick={() => {
              setText('');
              set({ filter: null });
            }}
          >
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
