/* A secret that the server shows once. */
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';

export interface Shown {
  what: string; // "Password of alice"
  secret: string;
}

export function Secret({ shown, done }: { shown: Shown; done: () => void }): JSX.Element {
  const [copied, setCopied] = useState(false);
  const copy = (): void => {
    navigator.clipboard.writeText(shown.secret).then(
      () => setCopied(true),
      () => setCopied(false),
    );
  };
  return (
    <div class="card secret" role="status">
      <p>
        <b>{shown.what}</b>, shown this once:
      </p>
      <p>
        <code class="large">{shown.secret}</code>
      </p>
      <div class="buttons">
        <button type="button" onClick={copy}>
          {copied ? 'Copied' : 'Copy'}
        </button>
        <button type="button" class="primary" onClick={done}>
          It is noted down
        </button>
      </div>
    </div>
  );
}
