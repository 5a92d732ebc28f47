/* What the keys do. */
import type { JSX } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { EVERYWHERE, helpShown } from '../base/keys';
import type { Key } from '../base/keys';
import { Icon } from './icons';

const LIST: Key[] = [
  { keys: '/', does: 'type a filter' },
  { keys: 'j k', does: 'next, previous row' },
  { keys: 'Enter', does: 'open the row' },
];
const CALL: Key[] = [
  { keys: '+ −', does: 'zoom in, out' },
  { keys: '← →', does: 'earlier, later' },
  { keys: '0', does: 'the whole call' },
  { keys: 'j k', does: 'next, previous message' },
  { keys: 'u', does: 'back to the list' },
];

function Keys({ title, keys }: { title: string; keys: Key[] }): JSX.Element {
  return (
    <section>
      <h3>{title}</h3>
      <dl class="keys">
        {keys.map((key) => (
          <div key={key.keys}>
            <dt>
              {key.keys.split(' ').map((one) => (
                <kbd key={one}>{one}</kbd>
              ))}
            </dt>
            <dd>{key.does}</dd>
          </div>
        ))}
      </dl>
    </section>
  );
}

export function Help(): JSX.Element | null {
  const box = useRef<HTMLDialogElement>(null);
  const shown = helpShown.value;
  useEffect(() => {
    if (shown) box.current?.showModal();
    else box.current?.close();
  }, [shown]);
  return (
    <dialog ref={box} class="help" aria-label="Keys" onClose={() => (helpShown.value = false)}>
      <header>
        <h2>Keys</h2>
        <button type="button" class="plain" aria-label="Close" onClick={() => (helpShown.value = false)}>
          <Icon name="close" />
        </button>
      </header>
      <div class="keygroups">
        <Keys title="Everywhere" keys={EVERYWHERE} />
        <Keys title="Calls" keys={LIST} />
        <Keys title="One call" keys={CALL} />
      </div>
    </dialog>
  );
}
