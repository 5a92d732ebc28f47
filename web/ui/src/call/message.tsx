/* One SIP message, as it was on the wire. */
import type { JSX } from 'preact';
import type { Message } from '../api/calltypes';
import { clock, number, zoneName } from '../base/format';
import { Icon } from '../parts/icons';

export function MessagePane({ message, close }: { message: Message; close: () => void }): JSX.Element {
  return (
    <aside class="pane" aria-label="Message">
      <header>
        <h3>{message.summary}</h3>
        <button type="button" class="plain" aria-label="Close the message" onClick={close}>
          <Icon name="close" />
        </button>
      </header>
      <dl class="facts">
        <div>
          <dt>At</dt>
          <dd>
            {clock(message.at, 3)} {zoneName()}
          </dd>
        </div>
        <div>
          <dt>From</dt>
          <dd>{message.src}</dd>
        </div>
        <div>
          <dt>To</dt>
          <dd>{message.dst}</dd>
        </div>
        <div>
          <dt>CSeq</dt>
          <dd>{message.cseq ?? '–'}</dd>
        </div>
        <div>
          <dt>Over</dt>
          <dd>
            {message.transport ?? '–'}, {number(message.length)} octets
            {message.frame !== null && `, frame ${number(message.frame)}`}
          </dd>
        </div>
      </dl>
      {message.raw ? (
        <pre tabIndex={0}>{message.raw}</pre>
      ) : (
        <p class="dim">
          Only its first line was kept. <code>earshot analyze --messages --db</code> keeps messages whole.
        </p>
      )}
    </aside>
  );
}
