/** A binary heap; equal priorities leave in the order they came, so that results are stable. */
export class PriorityQueue<T> {
  readonly #heap: { readonly value: T; readonly priority: number; readonly order: number }[] = [];
  #pushed = 0;

  push(value: T, priority: number): void {
    const heap = this.#heap;
    let at = heap.length;
    heap.push({ value, priority, order: this.#pushed++ });
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!this.#before(at, parent)) break;
      this.#swap(at, parent);
      at = parent;
    }
  }

  pop(): T | undefined {
    const heap = this.#heap;
    const top = heap[0];
    const last = heap.pop();
    if (top === undefined || last === undefined) return undefined;
    if (heap.length > 0) {
      heap[0] = last;
      let at = 0;
      for (;;) {
        let least = at;
        for (const child of [2 * at + 1, 2 * at + 2])
          if (child < heap.length && this.#before(child, least)) least = child;
        if (least === at) break;
        this.#swap(at, least);
        at = least;
      }
    }
    return top.value;
  }

  #before(a: number, b: number): boolean {
    const x = this.#heap[a];
    const y = this.#heap[b];
    if (!x || !y) return false;
    return x.priority !== y.priority ? x.priority < y.priority : x.order < y.order;
  }

  #swap(a: number, b: number): void {
    const x = this.#heap[a];
    const y = this.#heap[b];
    if (x && y) {
      this.#heap[a] = y;
      this.#heap[b] = x;
    }
  }
}
