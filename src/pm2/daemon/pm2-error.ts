/**
 * Why a call to PM2's daemon failed.
 * `refused`: no daemon listens, or it may not be spoken to. `lost`: it went away; this client is of no more use.
 * `timeout`: no answer within the call's limit; what was asked may still happen. `failed`: the daemon said no.
 */
export type Pm2ErrorCode = 'timeout' | 'lost' | 'refused' | 'failed';

export class Pm2Error extends Error {
  override readonly name = 'Pm2Error';
  readonly code: Pm2ErrorCode;

  constructor(code: Pm2ErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
