import type { Answers, FromPage, Question, ToPage } from './messages.ts';

/** An action may take 4.5 s. */
const ANSWER_WITHIN_MS = 6_000;

/** Lifeguard, as the page's process reaches it. */
export interface Lifeguard {
  /** @throws Error when it cannot answer, or does not in time */
  ask<Q extends Question>(question: Q): Promise<Answers[Q['about']]>;
  /** To be given what lifeguard sends. @returns whether it was an answer */
  hear(message: ToPage): boolean;
}

interface Pending {
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: Error) => void;
  readonly timer: NodeJS.Timeout;
}

export function overChannel(send: (message: FromPage) => void): Lifeguard {
  const pending = new Map<number, Pending>();
  let asked = 0;
  return {
    ask<Q extends Question>(question: Q) {
      const id = asked++;
      return new Promise<Answers[Q['about']]>((resolve, reject) => {
        const timer = setTimeout(() => {
          pending.delete(id);
          reject(new Error('lifeguard does not answer'));
        }, ANSWER_WITHIN_MS);
        pending.set(id, { resolve: resolve as (value: unknown) => void, reject, timer });
        send({ type: 'ask', id, question });
      });
    },
    hear(message) {
      if (message.type !== 'answer' && message.type !== 'failed') return false;
      const waits = pending.get(message.id);
      if (waits === undefined) return true;
      pending.delete(message.id);
      clearTimeout(waits.timer);
      if (message.type === 'answer') waits.resolve(message.value);
      else waits.reject(new Error(message.error));
      return true;
    },
  };
}
