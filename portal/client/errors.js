/**
 * What can go wrong for a caller of the client.
 *
 *     Refused         the server understood and said no; `code`, `field` and `temporary` say why and whether to retry
 *     NotConnected    there is no live connection, or it was lost before the answer came: nothing is known of the outcome
 *     TimedOut        the connection lives, the answer did not come
 */

export class Refused extends Error {
  name = "Refused";

  /**
   * @param {{code: string, message: string, field?: string | null, temporary?: boolean, retryAfter?: number | null,
   *   status?: number, body?: any}} told `retryAfter` in seconds; `status` and `body` (all of the answer) only for HTTP
   */
  constructor({ code, message, field = null, temporary = false, retryAfter = null, status = 0, body = null }) {
    super(message);
    this.code = code;
    this.field = field;
    this.temporary = temporary;
    this.retryAfter = retryAfter;
    this.status = status;
    this.body = body;
  }
}

export class NotConnected extends Error {
  name = "NotConnected";

  constructor(message = "There is no connection to the server.") {
    super(message);
  }
}

export class TimedOut extends Error {
  name = "TimedOut";

  constructor(message = "The server did not answer in time.") {
    super(message);
  }
}
