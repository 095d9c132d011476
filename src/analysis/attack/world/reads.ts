/**
 * What a fact belongs to: `grants`, `pods`, `network`, or the kind of the object where one is read as it is. A change bears on
 * facts of its own domain alone.
 */
export type Domain = string;

/** The facts that hops rest on. */
export interface Rests {
  readonly keys: readonly number[];
  /** A bit for each key, so that most changes are seen not to bear on it at once. */
  readonly mask: number;
}

/** Facts of one domain told apart for one node; with more of them it counts as resting on all. */
const MOST_KEYS = 16;

/**
 * Notes which facts the hops of a node rest on, as hashes of their names, so that after a change of one object only the hops
 * it bears on are looked for again. Two names with one hash cost a search too many, never a wrong answer.
 */
export class Reads {
  readonly #keys = new Map<Domain, Set<number>>();

  note(domain: Domain, name: string): void {
    let keys = this.#keys.get(domain);
    if (!keys) this.#keys.set(domain, (keys = new Set()));
    if (keys.size <= MOST_KEYS) keys.add(hash(`${domain} ${name}`));
  }

  /** The facts noted since the last call. */
  take(): Rests {
    const taken: number[] = [];
    for (const [domain, keys] of this.#keys) {
      if (keys.size === 0) continue;
      if (keys.size > MOST_KEYS) taken.push(hash(domain));
      else taken.push(...keys);
      keys.clear();
    }
    return { keys: taken, mask: taken.reduce((mask, key) => mask | bitOf(key), 0) };
  }
}

/** The facts that are no longer what they were. */
export class Changed {
  readonly #keys = new Set<number>();
  #mask = 0;

  add(domain: Domain, name: string): this {
    for (const key of [hash(domain), hash(`${domain} ${name}`)]) this.#addKey(key);
    return this;
  }

  /** These facts and others. */
  and(others: Changed): Changed {
    const both = new Changed();
    for (const key of [...this.#keys, ...others.#keys]) both.#addKey(key);
    return both;
  }

  bearsOn({ keys, mask }: Rests): boolean {
    return (mask & this.#mask) !== 0 && keys.some((key) => this.#keys.has(key));
  }

  #addKey(key: number): void {
    this.#keys.add(key);
    this.#mask |= bitOf(key);
  }
}

function bitOf(key: number): number {
  return 1 << (key & 31);
}

/** FNV-1a. */
function hash(text: string): number {
  let value = 0x811c9dc5;
  for (let index = 0; index < text.length; index++) value = Math.imul(value ^ text.charCodeAt(index), 0x01000193);
  return value;
}
