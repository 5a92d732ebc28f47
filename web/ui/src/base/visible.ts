/*
 * What a stranger wrote is shown, and does nothing: a character that would act instead of being
 * seen (controls, separators of lines, bidirectional and zero-width marks; web/display.c has the
 * same) is spelled out, in every text and title that is drawn. Values of fields stay what they
 * are, so that what is asked by them is found.
 */
import { options } from 'preact';
import type { VNode } from 'preact';

/* Line ends and tabs of a message that is shown as it is do no harm. */
const ACTING =
  /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\u2800\u3164\ufeff\uffa0\ufff0-\ufffb\u{1bca0}-\u{1bca3}\u{1d173}-\u{1d17a}\u{e0000}-\u{e00ff}\u{e01f0}-\u{e0fff}]/gu;

export function visible(text: string): string {
  return text.replace(ACTING, (one) => {
    const code = one.codePointAt(0) ?? 0;
    const digits = code.toString(16);
    if (one === '\r') return '';
    return code < 0x100 ? `\\x${digits.padStart(2, '0')}` : `\\u{${digits}}`;
  });
}

function shown(child: unknown): unknown {
  if (typeof child === 'string') return visible(child);
  return Array.isArray(child) ? child.map(shown) : child;
}

const TITLES = ['title', 'aria-label', 'alt'] as const;

/** From now on, of every element that is made. */
export function showVisibly(): void {
  const before = options.vnode;
  options.vnode = (node: VNode): void => {
    if (typeof node.type === 'string') {
      const props = node.props as Record<string, unknown>;
      props.children = shown(props.children);
      for (const name of TITLES) if (typeof props[name] === 'string') props[name] = visible(props[name]);
    }
    before?.(node);
  };
}
