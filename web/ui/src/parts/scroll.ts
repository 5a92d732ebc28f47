/*
 * Which of many rows are seen. A browser draws nothing beyond some 17 (Firefox) or 33 million
 * pixels (Chrome), less than a million rows: beyond MOST_PX the bar stands for a part of the
 * rows, while wheel and keys still move by what they say.
 */
import { useEffect, useRef, useState } from 'preact/hooks';

const MOST_PX = 10_000_000;
const SAYS_END = 'onscrollend' in window; // when it rests
const PATIENCE = 20; // times that it is waited for that
const SETTLED_MS = 120;
const JUMP_SCREENS = 3; // further than this the bar was dragged

export interface Scroll {
  first: number; // row that is seen, and the last one
  last: number;
  shift: number; // px to add to where a row is
  whole: number; // px, height of what is scrolled
  show: (row: number, toTop?: boolean) => void;
  turn: (screens: number) => void; // as far as there are rows
}

/** Where the box is, of all rows, when its own place is `bar` and was `before`. */
export function placeOf(bar: number, before: number, top: number, seen: number, rows: number): number {
  const room = rows - seen;
  const track = Math.min(rows, MOST_PX) - seen;
  if (rows <= MOST_PX) return bar;
  if (bar <= 0) return 0;
  if (bar >= track - 1) return room;
  const moved = bar - before;
  if (Math.abs(moved) > JUMP_SCREENS * seen) return (bar * room) / track;
  return Math.max(0, Math.min(room, top + moved));
}

/* px of rows that are seen: the titles above them are in the box, too. */
function seenIn(box: HTMLElement, rows: number): number {
  return box.clientHeight - Math.max(0, box.scrollHeight - Math.max(Math.min(rows, MOST_PX), 1));
}

/** `rested` is told the first row that is seen, once the box does not move. */
export function useScroll(
  body: { current: HTMLDivElement | null },
  height: number,
  count: number,
  rested: (row: number) => void,
): Scroll {
  const [seen, setSeen] = useState({ first: 0, last: 40, shift: 0 });
  const rows = count * height;
  const now = useRef({ top: 0, bar: 0, rows });
  now.current.rows = rows;

  const tell = (box: HTMLDivElement): void => {
    const { top, bar } = now.current;
    const first = Math.max(0, Math.floor(top / height));
    const last = first + Math.ceil(box.clientHeight / height);
    const shift = bar - top;
    setSeen((before) =>
      before.first === first && before.last === last && before.shift === shift
        ? before
        : { first, last, shift },
    );
  };

  /* Puts the bar to where the rows are, which moves nothing that is seen. */
  const settle = (box: HTMLDivElement): void => {
    const { top, rows: all } = now.current;
    const room = seenIn(box, all);
    const bar = all <= MOST_PX ? top : (top * (MOST_PX - room)) / (all - room);
    if (Math.abs(box.scrollTop - bar) > 1) box.scrollTop = bar;
    now.current.bar = box.scrollTop;
    tell(box);
  };

  useEffect(() => {
    const box = body.current;
    if (!box) return;
    let timer = 0;
    let moving = 0;
    const look = (): void => {
      const { top, bar, rows: all } = now.current;
      now.current.top = placeOf(box.scrollTop, bar, top, seenIn(box, all), all);
      now.current.bar = box.scrollTop;
      tell(box);
      moving = SAYS_END ? PATIENCE : 0;
      clearTimeout(timer);
      timer = window.setTimeout(rest, SETTLED_MS);
    };
    const ended = (): void => {
      moving = 0;
    };
    /* Not before it rests: a bar that is put elsewhere ends the movement that a key began. */
    const rest = (): void => {
      if (moving-- > 0) {
        timer = window.setTimeout(rest, SETTLED_MS);
        return;
      }
      if (now.current.rows > MOST_PX) settle(box);
      rested(Math.round(now.current.top / height));
    };
    look();
    box.addEventListener('scroll', look, { passive: true });
    box.addEventListener('scrollend', ended);
    const resized = new ResizeObserver(look);
    resized.observe(box);
    return () => {
      clearTimeout(timer);
      box.removeEventListener('scroll', look);
      box.removeEventListener('scrollend', ended);
      resized.disconnect();
    };
  }, [height]);

  const moveTo = (box: HTMLDivElement, top: number): void => {
    const { rows: all } = now.current;
    now.current.top = Math.max(0, Math.min(top, all - seenIn(box, all)));
    settle(box);
  };

  /** To the row; toTop: it is the first that is seen, else it is seen somewhere. */
  const show = (row: number, toTop = false): void => {
    const box = body.current;
    if (!box) return;
    const { top, rows: all } = now.current;
    const room = seenIn(box, all);
    if (toTop || row * height < top) moveTo(box, row * height);
    else moveTo(box, Math.max(top, (row + 1) * height - room));
  };

  /** A row of the last screen stays. */
  const turn = (screens: number): void => {
    const box = body.current;
    if (box) moveTo(box, now.current.top + screens * (seenIn(box, now.current.rows) - height));
  };
  return { ...seen, whole: Math.min(rows, MOST_PX), show, turn };
}
