/* A list of records as a table, a page at a time. */
import type { ComponentChildren, JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { epoch, get, target } from '../api/client';
import type { Parameters, Problem } from '../api/client';
import { asProblem } from '../api/query';
import type { Id, Page } from '../api/types';
import { number } from '../base/format';
import { Empty, Failed, Loading } from './states';

export interface ListColumn<T> {
  title: string;
  right?: boolean;
  cell: (item: T) => ComponentChildren;
}

interface Listed<T> {
  url: string;
  items: T[];
  next: string | null;
}

export function List<T extends { id: Id }>({
  path,
  question,
  columns,
  what,
  empty,
  onProblem,
}: {
  path: string;
  question: Parameters;
  columns: ListColumn<T>[];
  what: string; // "registrations"
  empty: string;
  onProblem?: (problem: Problem | null) => void;
}): JSX.Element {
  const url = target(path, { limit: 100, ...question });
  const again = epoch.value;
  const [listed, setListed] = useState<Listed<T> | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [turn, setTurn] = useState(0);

  useEffect(() => {
    const abort = new AbortController();
    setProblem(null);
    onProblem?.(null);
    get<Page<T>>(url, abort.signal).then(
      (page) => setListed({ url, items: page.items, next: page.next }),
      (error) => {
        if (abort.signal.aborted) return;
        setProblem(asProblem(error));
        onProblem?.(asProblem(error));
      },
    );
    return () => abort.abort();
  }, [url, again, turn]);

  const more = (): void => {
    if (!listed?.next) return;
    get<Page<T>>(target(path, { limit: 100, ...question, cursor: listed.next })).then(
      (page) => setListed({ url, items: [...listed.items, ...page.items], next: page.next }),
      (error) => setProblem(asProblem(error)),
    );
  };

  if (problem?.parameter) return <p class="dim">The filter above has a mistake.</p>;
  if (problem && listed?.url !== url)
    return <Failed what={what} problem={problem} retry={() => setTurn((n) => n + 1)} />;
  if (!listed || listed.url !== url) return <Loading what={what} />;
  if (listed.items.length === 0) return <Empty title={empty} />;
  return (
    <div class="card list">
      <div class="scrollx" tabIndex={0}>
        <table>
          <thead>
            <tr>
              {columns.map((column) => (
                <th key={column.title} class={column.right ? 'right' : ''}>
                  {column.title}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {listed.items.map((item) => (
              <tr key={item.id}>
                {columns.map((column) => (
                  <td key={column.title} class={column.right ? 'right' : ''} data-title={column.title}>
                    {column.cell(item)}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <p class="dim listfoot" role="status">
        {number(listed.items.length)} {what}
        {listed.next && (
          <button type="button" onClick={more}>
            Show more
          </button>
        )}
      </p>
    </div>
  );
}
