import { compareSubjects, subjectKey } from './subjects.ts';
import type { BoundSubject } from './types.ts';

/**
 * Every bound subject once, with a number. 80,000 bindings name the same few thousand subjects over and over, and
 * comparing numbers is what keeps who-can below a millisecond.
 */
export interface SubjectTable {
  readonly subjects: readonly BoundSubject[];
  /** Numbers of the subjects a requester's key matches: a user and a service account may share one. */
  withKey(key: string): readonly number[];
  /** Place of a subject in the order of `compareSubjects`. */
  rank(subject: number): number;
  /** The subject at a place of that order. */
  ranked(rank: number): number;
}

export interface SubjectTableBuilder {
  /** The number of this subject; a new one the first time. */
  add(kind: BoundSubject['kind'], name: string, namespace?: string): number;
  at(number: number): BoundSubject | undefined;
  build(): SubjectTable;
}

export function subjectTable(): SubjectTableBuilder {
  const numbers = {
    User: new Map<string, number>(),
    Group: new Map<string, number>(),
    ServiceAccount: new Map<string, number>(),
  };
  const subjects: BoundSubject[] = [];
  return {
    add(kind, name, namespace) {
      const id = namespace === undefined ? name : `${namespace}/${name}`;
      const known = numbers[kind].get(id);
      if (known !== undefined) return known;
      numbers[kind].set(id, subjects.length);
      subjects.push(namespace === undefined ? { kind, name } : { kind, name, namespace });
      return subjects.length - 1;
    },
    at: (number) => subjects[number],
    build() {
      const byKey = new Map<string, number[]>();
      subjects.forEach((subject, number) => {
        const key = subjectKey(subject);
        const found = byKey.get(key);
        if (found) found.push(number);
        else byKey.set(key, [number]);
      });
      let order: Order | undefined;
      return {
        subjects,
        withKey: (key) => byKey.get(key) ?? NONE,
        rank: (subject) => (order ??= orderOf(subjects)).ranks[subject] ?? 0,
        ranked: (rank) => (order ??= orderOf(subjects)).numbers[rank] ?? 0,
      };
    },
  };
}

interface Order {
  readonly ranks: Int32Array;
  readonly numbers: Int32Array;
}

function orderOf(subjects: readonly BoundSubject[]): Order {
  const sorted = subjects.map((subject, number) => ({ subject, number }));
  sorted.sort((a, b) => compareSubjects(a.subject, b.subject));
  const ranks = new Int32Array(subjects.length);
  sorted.forEach(({ number }, rank) => (ranks[number] = rank));
  return { ranks, numbers: Int32Array.from(sorted, ({ number }) => number) };
}

const NONE: readonly number[] = Object.freeze([]);
