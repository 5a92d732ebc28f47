/* Something a person does: busy while it is being done, and why it did not work. */
import type { ComponentChildren, JSX } from 'preact';
import { useState } from 'preact/hooks';
import { session } from '../api/client';
import { asProblem } from '../api/query';

export interface Deed {
  busy: boolean;
  problem: string | null;
  /** Whether it was done. */
  run: (work: () => Promise<unknown>) => Promise<boolean>;
}

export function useDeed(): Deed {
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);
  const run = async (work: () => Promise<unknown>): Promise<boolean> => {
    setBusy(true);
    setProblem(null);
    try {
      await work();
      setBusy(false);
      return true;
    } catch (error) {
      const { message, parameter } = asProblem(error);
      setProblem(parameter ? `${parameter}: ${message}` : message);
      setBusy(false);
      return false;
    }
  };
  return { busy, problem, run };
}

export function Wrong({ deed }: { deed: Deed }): JSX.Element | null {
  return deed.problem ? (
    <p class="wrongplace" role="alert">
      {deed.problem}
    </p>
  ) : null;
}

/** A button for what cannot be undone: the second click does it. */
export function SureButton({ what, deed, act }: { what: string; deed: Deed; act: () => Promise<void> }): JSX.Element {
  const [sure, setSure] = useState(false);
  const click = async (): Promise<void> => {
    setSure(!sure);
    if (sure) await act();
  };
  return (
    <button type="button" disabled={deed.busy} onBlur={() => setSure(false)} onClick={() => void click()}>
      {sure ? `${what}, indeed` : what}
    </button>
  );
}

/** A table whose last column is what can be done to a row. */
export function DeedTable({
  titles,
  right,
  foot,
  children,
}: {
  titles: string[];
  /** The title of a column of numbers. */
  right?: string;
  foot?: string;
  children: ComponentChildren;
}): JSX.Element {
  return (
    <div class="card list">
      <div class="scrollx" tabIndex={0}>
        <table>
          <thead>
            <tr>
              {titles.map((title) => (
                <th key={title} class={title === right ? 'right' : ''}>
                  {title}
                </th>
              ))}
              <th>
                <span class="sr">Deeds</span>
              </th>
            </tr>
          </thead>
          <tbody>{children}</tbody>
        </table>
      </div>
      {foot && (
        <p class="dim listfoot" role="status">
          {foot}
        </p>
      )}
    </div>
  );
}

/** What is typed, its label above it. */
export function Field({ label, children }: { label: string; children: ComponentChildren }): JSX.Element {
  return (
    <label class="input">
      <span>{label}</span>
      {children}
    </label>
  );
}

export function mayOperate(): boolean {
  const role = session.value?.role;
  return role === 'operator' || role === 'admin';
}

export function mayAdminister(): boolean {
  return session.value?.role === 'admin';
}
