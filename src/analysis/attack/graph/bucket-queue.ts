/** A queue by small whole costs that never go down: first in, first out among equals; adding and taking are O(1). */
export class BucketQueue<T> {
  readonly #buckets: T[][] = [];
  #cost = 0;
  #next = 0;

  /** `cost` is at least that of the value taken last. */
  push(value: T, cost: number): void {
    const bucket = this.#buckets[cost];
    if (bucket) bucket.push(value);
    else this.#buckets[cost] = [value];
  }

  pop(): T | undefined {
    for (; this.#cost < this.#buckets.length; this.#cost++, this.#next = 0) {
      const bucket = this.#buckets[this.#cost];
      if (bucket && this.#next < bucket.length) return bucket[this.#next++];
      this.#buckets[this.#cost] = [];
    }
    return undefined;
  }
}
