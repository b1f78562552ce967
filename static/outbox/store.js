/**
 * What was chosen or typed, kept on this computer until the server has it: in IndexedDB, or in the memory of the page
 * where the browser refuses that. By attempt; never a stem, the text of an option or a key.
 */

import { randomName } from "./random.js";
import { remembered } from "./tabs.js";

/**
 * @typedef {object} Entry one answer as given
 * @property {number} attempt
 * @property {number} item id of the item version
 * @property {number} seq counts up per attempt and item
 * @property {string} at when it was given: the server's time as this page reckons it
 * @property {string | null} beacon the last signed time of the server that the page had then
 * @property {unknown} payload
 * @property {boolean} [open] still being typed: it may change and is not sent
 * @property {boolean} [stored] the server has it
 */

/**
 * @typedef {object} Paper what belongs to an attempt beside its answers
 * @property {number} attempt
 * @property {string} token proof for the delivery of what is left behind
 * @property {string | null} deadline
 * @property {number[]} flagged positions
 * @property {number[]} seen positions
 * @property {boolean} marks_unsent flags or seen places that the server does not have yet
 * @property {number} position
 * @property {string} text size
 * @property {string | null} language
 * @property {boolean} handing_in the person asked for it
 * @property {number[]} read notices that were put away
 */

/** @typedef {{attempt: number, item: number, fields: Record<string, string>}} Draft fields that make no answer yet */
/** @typedef {"entries" | "papers" | "drafts" | "profile"} Table */
/** @typedef {{put: Table, value: object} | {remove: Table, key: IDBValidKey}} Step */

const NAME = "paper-outbox";
const VERSION = 1;
const PATIENCE_MS = 4000;
const KEYS = /** @type {const} */ ({
  entries: ["attempt", "item", "seq"],
  papers: ["attempt"],
  drafts: ["attempt", "item"],
  profile: ["name"],
});

/** @returns {Promise<IDBDatabase>} */
function opened() {
  return new Promise((resolve, reject) => {
    setTimeout(() => reject(new Error("IndexedDB does not answer")), PATIENCE_MS);
    const request = indexedDB.open(NAME, VERSION);
    request.onupgradeneeded = () => {
      for (const [table, key] of Object.entries(KEYS)) request.result.createObjectStore(table, { keyPath: [...key] });
    };
    request.onerror = () => reject(request.error);
    request.onsuccess = () => {
      const database = request.result;
      database.onversionchange = () => database.close();
      resolve(database);
    };
  });
}

/** The store of this browser profile. @returns {Promise<Store>} */
export async function openStore() {
  try {
    const store = new Store(await opened());
    await store.profile(); // a browser may open it and refuse to write
    return store;
  } catch {
    return new Store(null);
  }
}

/** Tables in IndexedDB, and the same in memory for what IndexedDB refused. */
export class Store extends EventTarget {
  /** @type {Map<string, {table: Table, value: any}>} */
  #memory = new Map();
  #database;

  /** @param {IDBDatabase | null} database null: memory only */
  constructor(database) {
    super();
    this.#database = database;
  }

  /** Whether what is kept outlives this page. */
  get isLasting() {
    return this.#database !== null;
  }

  /** The name of this browser profile, made at its first use. @returns {Promise<string>} */
  async profile() {
    const [row] = await this.#all("profile");
    if (row) return row.value;
    const made = this.isLasting ? randomName() : remembered("paper-profile", randomName());
    await this.write([{ put: "profile", value: { name: "profile", value: made } }]);
    return made;
  }

  /** @param {number} attempt @returns {Promise<Entry[]>} in the order of item and number */
  entries(attempt) {
    return this.#all("entries", attempt);
  }

  /** @param {number} attempt @returns {Promise<Draft[]>} */
  drafts(attempt) {
    return this.#all("drafts", attempt);
  }

  /** @returns {Promise<Paper[]>} of every attempt that left something here */
  papers() {
    return this.#all("papers");
  }

  /** @param {number} attempt @returns {Promise<Paper | undefined>} */
  async paper(attempt) {
    return (await this.papers()).find((paper) => paper.attempt === attempt);
  }

  /** Nothing of the attempt is left here. @param {number} attempt */
  async purge(attempt) {
    const entries = await this.entries(attempt);
    const drafts = await this.drafts(attempt);
    await this.write([
      ...entries.map((entry) => removal(entry)),
      ...drafts.map((draft) => ({ remove: /** @type {Table} */ ("drafts"), key: [draft.attempt, draft.item] })),
      { remove: "papers", key: [attempt] },
    ]);
  }

  /** All steps or none, on the disk when it resolves. Never rejects: what the browser refuses stays in memory. @param {Step[]} steps */
  async write(steps) {
    if (!steps.length) return;
    if (this.#database) {
      try {
        await this.#written(this.#database, steps);
        return;
      } catch {
        await this.#giveUp();
      }
    }
    for (const step of steps) {
      if ("put" in step) this.#memory.set(`${step.put}/${keyOf(step.put, step.value)}`, { table: step.put, value: structuredClone(step.value) });
      else this.#memory.delete(`${step.remove}/${step.key}`);
    }
  }

  /** @param {IDBDatabase} database @param {Step[]} steps @returns {Promise<void>} */
  #written(database, steps) {
    return new Promise((resolve, reject) => {
      const tables = [...new Set(steps.map((step) => ("put" in step ? step.put : step.remove)))];
      // strict: also a cut of the power must not take back what the page says is kept
      const transaction = database.transaction(tables, "readwrite", { durability: "strict" });
      transaction.oncomplete = () => resolve();
      transaction.onabort = () => reject(transaction.error);
      for (const step of steps) {
        if ("put" in step) transaction.objectStore(step.put).put(step.value);
        else transaction.objectStore(step.remove).delete(step.key);
      }
    });
  }

  /** The browser refuses from now on: what it holds is read once more, then memory serves. */
  async #giveUp() {
    const database = this.#database;
    this.#database = null;
    for (const table of /** @type {Table[]} */ (Object.keys(KEYS))) {
      const rows = database ? await read(database, table).catch(() => []) : [];
      for (const value of rows) this.#memory.set(`${table}/${keyOf(table, value)}`, { table, value });
    }
    this.dispatchEvent(new Event("refused"));
  }

  /** @param {Table} table @param {number} [attempt] @returns {Promise<any[]>} */
  async #all(table, attempt) {
    if (this.#database) return read(this.#database, table, attempt);
    const rows = [...this.#memory.values()].filter((row) => row.table === table).map((row) => row.value);
    return rows.filter((value) => attempt === undefined || value.attempt === attempt);
  }
}

/** The step that takes the entry out. @param {Entry} entry @returns {Step} */
export function removal(entry) {
  return { remove: "entries", key: [entry.attempt, entry.item, entry.seq] };
}

/** @param {IDBDatabase} database @param {Table} table @param {number} [attempt] @returns {Promise<any[]>} */
function read(database, table, attempt) {
  return new Promise((resolve, reject) => {
    // an array comes after every number, so that the range holds all keys that begin with the attempt
    const range = attempt === undefined ? null : IDBKeyRange.bound([attempt], [attempt, []]);
    const request = database.transaction(table).objectStore(table).getAll(range);
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

/** @param {Table} table @param {any} value */
function keyOf(table, value) {
  return KEYS[table].map((part) => value[part]);
}
