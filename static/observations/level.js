/** How loud the microphone is. */

const FLOOR_DB = -60;

export class Level {
  /** @type {AudioContext | null} */
  #context = null;
  /** @type {AnalyserNode | null} */
  #analyser = null;
  /** @type {MediaStreamAudioSourceNode | null} */
  #source = null;
  #samples = new Float32Array(2048);

  /** @param {MediaStream} stream */
  listen(stream) {
    this.#source?.disconnect();
    this.#source = null;
    if (!stream.getAudioTracks().length) return;
    this.#context ??= new AudioContext();
    this.#context.resume();
    this.#analyser ??= new AnalyserNode(this.#context, { fftSize: this.#samples.length });
    this.#source = this.#context.createMediaStreamSource(stream);
    this.#source.connect(this.#analyser);
  }

  /** 0 to 100 on a scale of decibels; null without a microphone. */
  get value() {
    if (!this.#source || !this.#analyser) return null;
    this.#analyser.getFloatTimeDomainData(this.#samples);
    const peak = this.#samples.reduce((most, one) => Math.max(most, Math.abs(one)), 0);
    return onScale(peak);
  }
}

/** @param {number} peak 0 to 1 @returns {number} 0 to 100, in decibels from the floor */
export function onScale(peak) {
  if (peak <= 0) return 0;
  return Math.max(0, Math.min(100, 100 * (1 - (20 * Math.log10(peak)) / FLOOR_DB)));
}
