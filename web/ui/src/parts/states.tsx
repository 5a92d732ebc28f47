/* Never a blank: what is being waited for, what is not there, what failed and what to do. */
import type { ComponentChildren, JSX } from 'preact';
import type { Problem } from '../api/client';
import type { Query } from '../api/query';

export function Loading({ what }: { what: string }): JSX.Element {
  return (
    <div class="state" role="status">
      <span class="spinner" aria-hidden="true" />
      <span>Loading {what} …</span>
    </div>
  );
}

export function Empty({ title, children }: { title: string; children?: ComponentChildren }): JSX.Element {
  return (
    <div class="state empty">
      <strong>{title}</strong>
      {children && <div>{children}</div>}
    </div>
  );
}

export function Failed({
  what,
  problem,
  retry,
}: {
  what: string;
  problem: Problem;
  retry?: () => void;
}): JSX.Element {
  return (
    <div class="state failed" role="alert">
      <strong>{what} could not be loaded</strong>
      <div>{problem.message}</div>
      {retry && (
        <button type="button" onClick={retry}>
          Try again
        </button>
      )}
    </div>
  );
}

/** What a query has come to: its data, or why there are none yet. */
export function Answer<T>({
  query,
  what,
  children,
}: {
  query: Query<T>;
  what: string;
  children: (data: T) => ComponentChildren;
}): JSX.Element {
  if (query.data !== undefined) return <>{children(query.data)}</>;
  if (query.error)
    return (
      <Failed what={what[0]?.toUpperCase() + what.slice(1)} problem={query.error} retry={query.reload} />
    );
  return <Loading what={what} />;
}
