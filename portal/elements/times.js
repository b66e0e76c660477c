/**
 * Moments as words: in the reader's language, in the time zone of their profile. Pure, given the present moment.
 *
 * Making an Intl formatter costs a thousand times more than using it, so they are made once for each zone; there are few.
 */

import { locale, words } from "../words.js";

/** @import { PresenceClient } from "../client/index.js" */

const DAY = 86_400_000;

/** @type {Map<string, Times>} */
const byZone = new Map();

/**
 * @param {PresenceClient | null} client
 * @returns {Times}
 */
export function timesOf(client) {
  const zone = client?.profile?.time_zone ?? "";
  const times = byZone.get(zone) ?? new Times(zone);
  byZone.set(zone, times);
  return times;
}

export class Times {
  #time;
  #weekday;
  #date;
  #fullDate;
  #full;
  #day;
  #clock;

  /** @param {string} zone an IANA name; "" or unknown: this machine's */
  constructor(zone) {
    const timeZone = known(zone);
    const format = (/** @type {Intl.DateTimeFormatOptions} */ options) =>
      new Intl.DateTimeFormat(locale, { ...options, timeZone });
    // Where hours are counted twice a day it is "2:05 PM", but else "02:05".
    const { hour12: hasHalves } = format({ hour: "numeric" }).resolvedOptions();
    this.#time = format({ hour: hasHalves ? "numeric" : "2-digit", minute: "2-digit" });
    this.#weekday = format({ weekday: "long" });
    this.#date = format({ day: "numeric", month: "short" });
    this.#fullDate = format({ weekday: "long", day: "numeric", month: "long", year: "numeric" });
    this.#full = format({ dateStyle: "full", timeStyle: "short" });
    this.#clock = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit", hourCycle: "h23", timeZone });
    this.#day = new Intl.DateTimeFormat("en-CA", { year: "numeric", month: "2-digit", day: "2-digit", timeZone });
  }

  /** What a clock on the wall shows. @param {number} moment milliseconds */
  clock(moment) {
    const [hour = 0, minute = 0] = this.#clock.format(moment).split(":").map(Number);
    return { hour, minute };
  }

  /** "14:02" @param {number} moment milliseconds */
  time(moment) {
    return this.#time.format(moment);
  }

  /** The exact moment, for tooltips. @param {number} moment */
  full(moment) {
    return this.#full.format(moment);
  }

  /** Which calendar day, to compare. @param {number} moment */
  day(moment) {
    return this.#day.format(moment);
  }

  /** When a calendar day begins, in milliseconds. @param {string} day as of `day` */
  startOf(day) {
    const midnight = Date.parse(`${day}T00:00:00Z`);
    const { hour, minute } = this.clock(midnight);
    const ahead = hour * 60 + minute - (this.day(midnight) === day ? 0 : 24 * 60);
    return midnight - ahead * 60_000;
  }

  /**
   * As short as it can be: "14:02", "Monday", "3 Nov".
   *
   * @param {number} moment
   * @param {number} now
   */
  short(moment, now) {
    if (this.day(moment) === this.day(now)) return this.time(moment);
    if (this.day(moment) === this.day(now - DAY)) return words.chat.yesterday;
    return now - moment < 6 * DAY ? this.#weekday.format(moment) : this.#date.format(moment);
  }

  /**
   * For "since ...": "14:02", "yesterday 14:02", "3 Nov".
   *
   * @param {number} moment
   * @param {number} now
   */
  since(moment, now) {
    if (this.day(moment) === this.day(now)) return this.time(moment);
    const day = this.short(moment, now);
    const isNear = now - moment < 6 * DAY;
    return isNear ? words.times.dayAndTime(day, this.time(moment)) : day;
  }

  /**
   * A heading: "Today", "Yesterday", "Monday 3 November 2025".
   *
   * @param {number} moment
   * @param {number} now
   */
  heading(moment, now) {
    if (this.day(moment) === this.day(now)) return words.chat.today;
    if (this.day(moment) === this.day(now - DAY)) return words.chat.yesterday;
    return this.#fullDate.format(moment);
  }
}

/** @param {string} zone */
function known(zone) {
  try {
    return zone ? new Intl.DateTimeFormat(undefined, { timeZone: zone }).resolvedOptions().timeZone : undefined;
  } catch {
    return undefined;
  }
}
