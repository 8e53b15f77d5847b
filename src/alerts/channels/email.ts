import type { MessageChannel } from '../../config/resolved.ts';
import { mask } from '../../units/mask.ts';
import { cut } from '../message/clause.ts';
import { type Message, titleOf } from '../message/message.ts';
import { bodyText, linesBelow } from '../message/plain.ts';
import { type Channel, failed, type Outcome } from './channel.ts';

/** An e-mail, plain and HTML; all of a thread answer its first, by Message-ID. nodemailer is loaded with the first one. */
export function openEmail({ smtp, from, to }: Extract<MessageChannel, { type: 'email' }>): Channel {
  return {
    paceMs: 1_000,
    async send(message, { lateMs, plain, deadlineMs }) {
      const { createTransport } = await import('nodemailer');
      const limits = {
        connectionTimeout: deadlineMs,
        greetingTimeout: deadlineMs,
        socketTimeout: deadlineMs,
        dnsTimeout: deadlineMs,
      };
      const transport = createTransport({ url: smtp, ...limits });
      let timer: NodeJS.Timeout | undefined;
      const late = new Promise<Outcome>((resolve) => {
        timer = setTimeout(
          () => resolve(failed(`no answer within ${deadlineMs / 1_000} s`, { maybeReceived: true })),
          deadlineMs,
        );
      });
      const mail = { from, to: [...to], ...headersOf(message), ...contentOf(message, lateMs, plain) };
      const sent = transport.sendMail({ ...mail, disableFileAccess: true, disableUrlAccess: true }).then(
        ({ response, rejected }) => told(response, rejected.map(String)),
        (error: SmtpError) => failure(error),
      );
      const outcome = await Promise.race([sent, late]);
      clearTimeout(timer);
      transport.close();
      return outcome;
    },
  };
}

/** What makes a mail program show a thread as one, and keeps vacation notices away. */
export function headersOf({ key, thread, host, event, severity }: Message) {
  const id = (of: string) => `<${`${of}.${host}`.replace(/[^\w.-]+/g, '.')}@pm2-lifeguard>`;
  const first = id(`${thread}/opened`);
  const isLater = event === 'worse' || event === 'reminder' || event === 'ended' || event === 'acknowledged';
  return {
    messageId: id(key),
    ...(isLater ? { inReplyTo: first, references: first } : {}),
    priority: severity === 'critical' ? ('high' as const) : ('normal' as const),
    headers: { 'Auto-Submitted': 'auto-generated', 'X-Auto-Response-Suppress': 'All' },
  };
}

export function contentOf(message: Message, lateMs: number, plain: boolean) {
  const subject = cut(titleOf(message), 200);
  const text = bodyText(message, lateMs);
  return plain ? { subject, text } : { subject, text, html: htmlOf(message, lateMs) };
}

const COLOURS = { critical: '#b3261e', warning: '#8a5000', info: '#146c2e' } as const;

function htmlOf(message: Message, lateMs: number): string {
  const rows = message.details.map(
    ({ label, text }) =>
      `<tr><th align="left" valign="top" style="padding:2px 12px 2px 0;font-weight:600">${escaped(label)}</th>` +
      `<td style="padding:2px 0;white-space:pre-line">${escaped(text)}</td></tr>`,
  );
  const { link } = message;
  return [
    '<div style="font:15px/1.45 system-ui,sans-serif">',
    `<p style="font-weight:700;color:${COLOURS[message.severity]}">${escaped(titleOf(message))}</p>`,
    ...linesBelow(message, lateMs).map((line) => `<p style="margin:4px 0">${escaped(line)}</p>`),
    rows.length === 0 ? '' : `<table style="margin-top:12px;border-collapse:collapse">${rows.join('')}</table>`,
    link === null ? '' : `<p><a href="${escaped(link)}">Open the page</a></p>`,
    '</div>',
  ].join('\n');
}

interface SmtpError extends Error {
  readonly code?: string;
  readonly responseCode?: number;
  readonly command?: string;
}

/** Of several recipients some may be refused: what the server said of them is shown. */
function told(response: string, rejected: readonly string[]): Outcome {
  const but = rejected.length === 0 ? '' : ` (not taken for ${rejected.join(', ')})`;
  return { ok: true, answer: `${cut(mask(response).replace(/\s+/g, ' '), 200)}${but}` };
}

function failure({ message, code, responseCode, command }: SmtpError): Outcome {
  const isAboutContent = command === 'DATA' && responseCode !== undefined && responseCode >= 500;
  return failed(cut(mask(message).replace(/\s+/g, ' '), 200), {
    // Up to the end of DATA nothing is taken.
    maybeReceived: command === 'DATA' && responseCode === undefined && code !== 'EENVELOPE',
    refused: isAboutContent,
  });
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}
