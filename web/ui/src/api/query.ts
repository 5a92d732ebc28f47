/* What a view asks for, and how far that has come. */
import { useEffect, useState } from 'preact/hooks';
import { Problem, epoch, get } from './client';

export interface Query<T> {
  data: T | undefined; // of the question before, too, while its answer is on the way
  error: Problem | undefined;
  loading: boolean;
  reload: () => void;
}

export function asProblem(error: unknown): Problem {
  if (error instanceof Problem) return error;
  return new Problem(0, 'page', error instanceof Error ? error.message : String(error));
}

function aborted(error: unknown): boolean {
  return error instanceof DOMException && error.name === 'AbortError';
}

interface State<T> {
  url: string | null;
  data: T | undefined;
  error: Problem | undefined;
}

/** url null asks nothing. With refreshMs the question is repeated while the page is seen. */
export function useQuery<T>(url: string | null, refreshMs = 0): Query<T> {
  const [state, setState] = useState<State<T>>({ url: null, data: undefined, error: undefined });
  const [turn, setTurn] = useState(0);
  const now = epoch.value;

  useEffect(() => {
    if (url === null) return;
    const abort = new AbortController();
    get<T>(url, abort.signal).then(
      (data) => setState({ url, data, error: undefined }),
      (error) => {
        if (!aborted(error))
          setState((before) => ({
            url,
            data: before.url === url ? before.data : undefined,
            error: asProblem(error),
          }));
      },
    );
    return () => abort.abort();
  }, [url, turn, now]);

  useEffect(() => {
    if (refreshMs <= 0 || url === null) return;
    const timer = window.setInterval(() => {
      if (document.visibilityState === 'visible') setTurn((n) => n + 1);
    }, refreshMs);
    return () => window.clearInterval(timer);
  }, [url, refreshMs]);

  return {
    data: state.data,
    error: state.url === url ? state.error : undefined,
    loading: url !== null && state.url !== url,
    reload: () => setTurn((n) => n + 1),
  };
}

/* --- answers that do not change: kept for a while, a few at a time -------------------- */

const KEPT = 400;
const AT_ONCE = 4;
const kept = new Map<string, Promise<unknown>>();
const waiting: (() => void)[] = [];
let running = 0;

function turnOf(): Promise<void> {
  if (running < AT_ONCE) {
    running++;
    return Promise.resolve();
  }
  return new Promise((resolve) => waiting.push(resolve));
}

function turnOver(): void {
  const next = waiting.pop(); // what was asked for last is what is seen now
  if (next) next();
  else running--;
}

/** The answer to a question about the past, asked once; at most a few are on the way. */
export function getOnce<T>(url: string): Promise<T> {
  const known = kept.get(url);
  if (known) return known as Promise<T>;
  const asked = turnOf().then(() => get<T>(url).finally(turnOver));
  kept.set(url, asked);
  asked.catch(() => kept.delete(url));
  if (kept.size > KEPT) {
    const oldest = kept.keys().next().value;
    if (oldest !== undefined) kept.delete(oldest);
  }
  return asked;
}
