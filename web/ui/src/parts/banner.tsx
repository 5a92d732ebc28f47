/* Says that the server is lost, since when, and when it is tried again. */
import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { connection, tryAgain } from '../api/client';
import { clock } from '../base/format';

export function Banner(): JSX.Element | null {
  const { lost, since, retryAt } = connection.value;
  const [, setTick] = useState(0);
  useEffect(() => {
    if (!lost) return;
    const timer = window.setInterval(() => setTick((n) => n + 1), 500);
    return () => window.clearInterval(timer);
  }, [lost]);
  if (!lost) return null;
  const left = Math.max(0, Math.ceil((retryAt - Date.now()) / 1000));
  return (
    <div class="banner" role="alert">
      <strong>The server does not answer.</strong> What is shown is of {clock(since)} or before.
      {left ? ` Next try in ${left} s.` : ' Trying …'}
      <button type="button" onClick={() => void tryAgain()}>
        Try now
      </button>
    </div>
  );
}
