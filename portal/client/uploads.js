/**
 * Files on their way: uploaded as soon as they are chosen, held beside the draft of their conversation, and sent with its
 * next message. The server forgets after a day what is not sent, so none of this outlives the page.
 */

import { NotConnected, Refused } from "./errors.js";
import { refusalOf } from "./http.js";
import { PATHS } from "./paths.js";
import { ErrorCode } from "./protocol.js";

/** @import { File as KnownFile, Limits } from "./protocol.js" */

/**
 * @typedef {object} Upload
 * @property {number} id counted on this page
 * @property {number} conversation
 * @property {File} local what was chosen
 * @property {"waiting" | "uploading" | "ready" | "failed"} state
 * @property {number} progress from 0 to 1
 * @property {KnownFile | null} file once it is ready
 * @property {Problem | null} problem if it failed
 *
 * @typedef {"type" | "size" | "empty" | "number" | "connection" | "full" | "refused"} Reason
 * @typedef {{reason: Reason, message: string}} Problem `message`: the server's words, if it refused
 *
 * @typedef {object} Surroundings
 * @property {string} base the server's origin, if it is not this page's
 * @property {() => string | null} authorization the Authorization header; null: a cookie says who asks
 * @property {() => XMLHttpRequest} makeRequest fetch does not tell how far an upload has come
 * @property {(path: string) => Promise<unknown>} remove
 * @property {() => Limits | null} limits
 * @property {(conversation: number) => void} changed
 */

/** At the same time; the server takes a few more of one person. */
const AT_ONCE = 3;

export class Uploads {
  /** @type {readonly Upload[]} */
  all = [];

  #around;
  #lastId = 0;
  /** @type {Map<number, XMLHttpRequest>} */
  #requests = new Map();

  /** @param {Surroundings} around */
  constructor(around) {
    this.#around = around;
  }

  /**
   * @param {number} conversation
   * @returns {readonly Upload[]} in the order in which they were chosen
   */
  of(conversation) {
    return this.all.filter((upload) => upload.conversation === conversation);
  }

  /**
   * @param {number} conversation
   * @param {Iterable<File>} files
   */
  add(conversation, files) {
    for (const local of files) {
      const problem = this.#problemOf(conversation, local);
      /** @type {Upload} */
      const upload = { id: ++this.#lastId, conversation, local, state: problem ? "failed" : "waiting", progress: 0, file: null, problem };
      this.all = [...this.all, upload];
    }
    this.#around.changed(conversation);
    this.#goOn();
  }

  /** @param {number} id */
  retry(id) {
    this.#alter(id, { state: "waiting", progress: 0, problem: null });
    this.#goOn();
  }

  /** Takes it back, however far it has come. @param {number} id */
  remove(id) {
    const upload = this.all.find((one) => one.id === id);
    if (!upload) return;
    this.all = this.all.filter((one) => one !== upload);
    this.#requests.get(id)?.abort();
    this.#requests.delete(id);
    if (upload.file) void this.#around.remove(PATHS.file(upload.file.file)).catch(() => undefined); // the server will
    this.#around.changed(upload.conversation);
    this.#goOn();
  }

  /**
   * Those that are ready, to go with a message. Those that failed stay.
   *
   * @param {number} conversation
   * @returns {KnownFile[]}
   */
  take(conversation) {
    const taken = this.of(conversation).filter((upload) => upload.state === "ready");
    this.all = this.all.filter((upload) => !taken.includes(upload));
    this.#around.changed(conversation);
    return taken.flatMap((upload) => upload.file ?? []);
  }

  /** @param {number} conversation */
  isBusy(conversation) {
    return this.of(conversation).some((upload) => upload.state === "waiting" || upload.state === "uploading");
  }

  /** Somebody else may be next at this page. */
  stop() {
    for (const request of this.#requests.values()) request.abort();
    this.#requests.clear();
    this.all = [];
  }

  /**
   * What the server would refuse anyway, told before a byte has gone.
   *
   * @param {number} conversation
   * @param {File} local
   * @returns {Problem | null}
   */
  #problemOf(conversation, local) {
    const limits = this.#around.limits();
    if (!limits) return null;
    const type = local.name.includes(".") ? (local.name.split(".").pop() ?? "").trim().toLowerCase() : "";
    const others = this.of(conversation).filter((upload) => upload.state !== "failed").length;
    if (limits.refused_file_types.includes(type)) return { reason: "type", message: "" };
    if (local.size > limits.file_bytes) return { reason: "size", message: "" };
    if (local.size === 0) return { reason: "empty", message: "" };
    if (others >= limits.files_per_message) return { reason: "number", message: "" };
    return null;
  }

  #goOn() {
    for (const upload of this.all) {
      if (this.#requests.size >= AT_ONCE) return;
      if (upload.state === "waiting") void this.#upload(upload);
    }
  }

  /** @param {Upload} upload */
  async #upload({ id, conversation, local }) {
    const request = this.#around.makeRequest();
    this.#requests.set(id, request);
    this.#alter(id, { state: "uploading" });
    try {
      const file = await this.#sent(request, id, conversation, local);
      this.#alter(id, { state: "ready", progress: 1, file });
    } catch (error) {
      this.#alter(id, { state: "failed", problem: problemFrom(error) });
    } finally {
      this.#requests.delete(id);
      this.#goOn();
    }
  }

  /**
   * @param {XMLHttpRequest} request
   * @param {number} id
   * @param {number} conversation
   * @param {File} local
   * @returns {Promise<KnownFile>}
   */
  #sent(request, id, conversation, local) {
    return new Promise((resolve, reject) => {
      request.upload.onprogress = ({ loaded, total }) => this.#alter(id, { progress: total > 0 ? loaded / total : 0 });
      request.onload = () => (request.status === 201 ? resolve(JSON.parse(request.responseText)) : reject(refusalOf(request.status, request.responseText)));
      request.onerror = request.onabort = () => reject(new NotConnected());
      request.open("POST", `${this.#around.base}${PATHS.files(conversation)}?${new URLSearchParams({ name: local.name })}`);
      request.setRequestHeader("accept", "application/json");
      const authorization = this.#around.authorization();
      if (authorization) request.setRequestHeader("authorization", authorization);
      request.setRequestHeader("content-type", "application/octet-stream");
      request.send(local);
    });
  }

  /**
   * @param {number} id
   * @param {Partial<Upload>} changes
   */
  #alter(id, changes) {
    const upload = this.all.find((one) => one.id === id);
    if (!upload) return;
    this.all = this.all.map((one) => (one === upload ? { ...one, ...changes } : one));
    this.#around.changed(upload.conversation);
  }
}

/**
 * @param {unknown} error
 * @returns {Problem}
 */
function problemFrom(error) {
  if (!(error instanceof Refused)) return { reason: "connection", message: "" };
  return { reason: error.code === ErrorCode.NO_ROOM ? "full" : "refused", message: error.message };
}
