/** How long measurements count: the last `numSamples` windows of `sampleWindowMs` each, as Kafka's clients do it. */
export interface SampleSettings {
  readonly numSamples: number;
  readonly sampleWindowMs: number;
}

/**
 * Measures something that happens again and again: how often, how much in sum, on average and at most. What happens is added to the
 * current one of a few samples, so that recording costs a few additions and no memory; old samples are forgotten when they are read.
 * The arithmetic is that of Kafka's Rate, Avg and Max, with one set of samples for all of them.
 */
export class Sensor {
  readonly #settings: SampleSettings;
  readonly #parent: Sensor | undefined;
  readonly #samples: Sample[] = [];
  #current = 0;
  #count = 0;
  #sum = 0;

  /** What is recorded here is also recorded by `parent`. */
  constructor(settings: SampleSettings, parent?: Sensor) {
    this.#settings = settings;
    this.#parent = parent;
  }

  /** `nowMs` is monotonic time. */
  record(value: number, nowMs: number): void {
    const sample = this.#sampleFor(nowMs);
    sample.count++;
    sample.sum += value;
    if (value > sample.max) sample.max = value;
    if (value < sample.min) sample.min = value;
    this.#count++;
    this.#sum += value;
    this.#parent?.record(value, nowMs);
  }

  /** How often, since ever. */
  get totalCount(): number {
    return this.#count;
  }

  /** How much, since ever. */
  get totalSum(): number {
    return this.#sum;
  }

  /** How often per second. */
  countRate(nowMs: number): number {
    this.#forget(nowMs);
    return perSecond(this.#windowCount(), this.#elapsedMs(nowMs));
  }

  /** How much per second. */
  sumRate(nowMs: number): number {
    this.#forget(nowMs);
    return perSecond(this.#windowSum(), this.#elapsedMs(nowMs));
  }

  /** How often, within the samples' time. */
  recentCount(nowMs: number): number {
    this.#forget(nowMs);
    return this.#windowCount();
  }

  /** How much, within the samples' time. */
  recentSum(nowMs: number): number {
    this.#forget(nowMs);
    return this.#windowSum();
  }

  /** 0 when nothing was recorded. */
  average(nowMs: number): number {
    this.#forget(nowMs);
    const count = this.#windowCount();
    return count === 0 ? 0 : this.#windowSum() / count;
  }

  /** 0 when nothing was recorded, where kafka-python says -inf and Java NaN: neither can be written in JSON. */
  maximum(nowMs: number): number {
    this.#forget(nowMs);
    let max = Number.NEGATIVE_INFINITY;
    for (const sample of this.#samples) if (sample.max > max) max = sample.max;
    return max === Number.NEGATIVE_INFINITY ? 0 : max;
  }

  /** 0 when nothing was recorded. */
  minimum(nowMs: number): number {
    this.#forget(nowMs);
    let min = Number.POSITIVE_INFINITY;
    for (const sample of this.#samples) if (sample.min < min) min = sample.min;
    return min === Number.POSITIVE_INFINITY ? 0 : min;
  }

  /** Whether nothing was recorded within the samples' time. */
  isIdle(nowMs: number): boolean {
    this.#forget(nowMs);
    return this.#windowCount() === 0;
  }

  #windowCount(): number {
    let count = 0;
    for (const sample of this.#samples) count += sample.count;
    return count;
  }

  #windowSum(): number {
    let sum = 0;
    for (const sample of this.#samples) sum += sample.sum;
    return sum;
  }

  #sampleFor(nowMs: number): Sample {
    const current = this.#samples[this.#current];
    if (current === undefined) return this.#addSample(nowMs);
    if (nowMs - current.startedMs < this.#settings.sampleWindowMs) return current;
    this.#current = (this.#current + 1) % this.#settings.numSamples;
    const next = this.#samples[this.#current];
    if (next === undefined) return this.#addSample(nowMs);
    next.reset(nowMs);
    return next;
  }

  #addSample(nowMs: number): Sample {
    const sample = new Sample(nowMs);
    this.#samples.push(sample);
    return sample;
  }

  #forget(nowMs: number): void {
    const { numSamples, sampleWindowMs } = this.#settings;
    for (const sample of this.#samples) if (nowMs - sample.startedMs >= numSamples * sampleWindowMs) sample.reset(nowMs);
  }

  /**
   * The time that the samples stand for. A first event in the first second is no rate of one per second: as long as there are fewer
   * windows than there should be, the missing ones count as full.
   */
  #elapsedMs(nowMs: number): number {
    const { numSamples, sampleWindowMs } = this.#settings;
    let oldestMs = nowMs;
    for (const sample of this.#samples) if (sample.startedMs < oldestMs) oldestMs = sample.startedMs;
    if (this.#samples.length === 0) this.#addSample(nowMs);
    const elapsedMs = nowMs - oldestMs;
    const missing = Math.max(0, numSamples - 1 - Math.floor(elapsedMs / sampleWindowMs));
    return elapsedMs + missing * sampleWindowMs;
  }
}

class Sample {
  startedMs: number;
  count = 0;
  sum = 0;
  max: number = Number.NEGATIVE_INFINITY;
  min: number = Number.POSITIVE_INFINITY;

  constructor(startedMs: number) {
    this.startedMs = startedMs;
  }

  reset(nowMs: number): void {
    this.startedMs = nowMs;
    this.count = 0;
    this.sum = 0;
    this.max = Number.NEGATIVE_INFINITY;
    this.min = Number.POSITIVE_INFINITY;
  }
}

/** With a single sample that has just begun there is no time to divide by. */
function perSecond(amount: number, elapsedMs: number): number {
  return elapsedMs <= 0 ? 0 : (amount * 1000) / elapsedMs;
}
