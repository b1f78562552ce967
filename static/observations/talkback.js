/** The host's voice in the venues: spoken in the studio, heard on the page of each venue. */

import { Refused, patience, pause } from "../streams/session.js";
import { Watching } from "../streams/whep.js";
import { Publication } from "../streams/whip.js";

/** @typedef {import("../streams/site.js").Outcome} Outcome */

const LOOK_MS = 500;
const AGAIN_MS = 3000;

/** A host who speaks to the venues while the button is on. Tells of every "change". */
export class Talk extends EventTarget {
  /** @type {"off" | "connecting" | "on" | "insecure" | "refused"} */
  state = "off";
  #enter;
  /** @type {Publication | null} */
  #publication = null;
  /** @type {MediaStream | null} */
  #voice = null;

  /** @param {() => Promise<Outcome>} enter asks the site for a token */
  constructor(enter) {
    super();
    this.#enter = enter;
  }

  get isOn() {
    return this.state === "on" || this.state === "connecting";
  }

  async start() {
    if (this.isOn) return;
    if (!navigator.mediaDevices) return this.#tell("insecure");
    this.#tell("connecting");
    try {
      const voice = await navigator.mediaDevices.getUserMedia({ audio: { echoCancellation: true, noiseSuppression: true } });
      if (!this.isOn) return voice.getTracks().forEach((track) => track.stop());
      this.#voice = voice;
    } catch {
      return this.#tell("refused");
    }
    const publication = new Publication(this.#voice, this.#enter);
    this.#publication = publication;
    publication.addEventListener("change", () => {
      if (publication !== this.#publication) return;
      if (publication.state === "taken_over") this.stop();
      else this.#tell(publication.state === "sending" ? "on" : "connecting");
    });
  }

  stop() {
    const publication = this.#publication;
    this.#publication = null;
    publication?.stop();
    for (const track of this.#voice?.getTracks() ?? []) track.stop();
    this.#voice = null;
    this.#tell("off");
  }

  /** @param {Talk["state"]} state */
  #tell(state) {
    if (this.state === state) return;
    this.state = state;
    this.dispatchEvent(new Event("change"));
  }
}

/** A venue that hears the host whenever he or she speaks. Tells of every "change". */
export class Listening extends EventTarget {
  isSpoken = false;
  #audio = new Audio();
  #enter;
  #isWanted;
  #abort = new AbortController();

  /** @param {() => Promise<Outcome>} enter asks the site for a token @param {() => boolean} isWanted whether venues are let in */
  constructor(enter, isWanted) {
    super();
    this.#enter = enter;
    this.#isWanted = isWanted;
    this.#run();
  }

  stop() {
    this.#abort.abort();
  }

  async #run() {
    const { signal } = this.#abort;
    for (let failures = 0; !signal.aborted; ) {
      failures = this.#isWanted() && (await this.#once(signal)) ? failures + 1 : 0;
      this.#tell(false);
      await pause(failures ? patience(failures) : AGAIN_MS, signal);
    }
  }

  /** Listens until the connection is lost. Whether something went wrong. @param {AbortSignal} signal */
  async #once(signal) {
    const outcome = await this.#enter();
    if (outcome.kind !== "answer") return outcome.kind === "unreachable";
    const watching = new Watching(outcome.answer, ["audio"]);
    try {
      await watching.open();
      this.#audio.srcObject = watching.stream;
      this.#audio.play().catch(() => {}); // a browser that plays nothing before a click does so after the first one
      for (let heard = 0; !signal.aborted && !watching.isDead && !watching.isClosedByOther; ) {
        const { sounds = 0 } = await watching.sample();
        this.#tell(sounds > heard && heard > 0);
        heard = sounds;
        await pause(LOOK_MS, signal);
      }
    } catch (fault) {
      return !(fault instanceof Refused && fault.status === 409); // nobody speaks
    } finally {
      watching.close();
    }
    return false;
  }

  /** @param {boolean} isSpoken */
  #tell(isSpoken) {
    if (this.isSpoken === isSpoken) return;
    this.isSpoken = isSpoken;
    if (isSpoken && this.#audio.paused) this.#audio.play().catch(() => {});
    this.dispatchEvent(new Event("change"));
  }
}
