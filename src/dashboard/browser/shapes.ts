import type { Condition } from '../condition.ts';
import { svg } from './dom.ts';

/** A condition by its shape, so that it is told without its colour: a disc, a triangle, a square, a ring. */
const SHAPES: Readonly<Record<Condition, string>> = {
  well: 'M8 1a7 7 0 1 1 0 14a7 7 0 0 1 0-14z',
  impaired: 'M8 1l7.5 13.5h-15z',
  down: 'M1.5 1.5h13v13h-13z',
  unobserved: 'M8 1a7 7 0 1 1 0 14a7 7 0 0 1 0-14zM8 4a4 4 0 1 0 0 8a4 4 0 0 0 0-8z',
};

const MARKS: Readonly<Record<Condition, string>> = {
  well: 'M4.6 8.2l2.4 2.4l4.4-4.8',
  impaired: 'M8 6v4M8 12v.8',
  down: 'M5 5l6 6M11 5l-6 6',
  unobserved: '',
};

export function shape(condition: Condition): SVGElement {
  return svg(
    'svg',
    { class: `shape ${condition}`, viewBox: '0 0 16 16', 'aria-hidden': 'true' },
    svg('path', { d: SHAPES[condition], 'fill-rule': 'evenodd' }),
    svg('path', { class: 'mark', d: MARKS[condition] }),
  );
}
