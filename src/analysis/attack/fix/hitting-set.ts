/** A change with how much it costs: fewer changes always win, harm decides among as many. */
export interface Choice {
  readonly id: string;
  readonly harm: number;
}

/** One change of `choices` at least must be made, when all of `given` are. */
export interface Constraint {
  readonly choices: readonly Choice[];
  readonly given: ReadonlySet<string>;
}

export interface HittingSetProblem {
  readonly constraints: readonly Constraint[];
  /** Sets of changes that must not be made together. */
  readonly forbidden: readonly ReadonlySet<string>[];
  /** True when there is no time left: the best found so far is then kept. */
  readonly stop?: () => boolean;
}

/** Steps of the search before it gives up on the proof and keeps the best found. */
const MOST_STEPS = 30_000;

/** Steps between two looks at the clock. */
const ASK_EVERY = 64;

export interface HittingSet {
  readonly chosen: readonly Choice[];
  /** False when the search was cut short: there may be a smaller one. */
  readonly exact: boolean;
}

/**
 * The smallest set of changes that has one of every constraint, by branch and bound: branch on the constraint with fewest
 * choices, bound by constraints that share no choice. Undefined when there is none.
 */
export function smallestHittingSet({ constraints, forbidden, stop }: HittingSetProblem): HittingSet | undefined {
  let best: readonly Choice[] | undefined;
  let steps = 0;
  const search = (chosen: readonly Choice[], barred: ReadonlySet<string>): void => {
    if (++steps > MOST_STEPS) return;
    if (stop && steps % ASK_EVERY === 0 && stop()) steps = MOST_STEPS;
    const ids = new Set(chosen.map(({ id }) => id));
    if (forbidden.some((set) => isWithin(set, ids))) return;
    const open = constraints
      .filter(({ choices, given }) => isWithin(given, ids) && !choices.some(({ id }) => ids.has(id)))
      .map(({ choices }) => choices.filter(({ id }) => !barred.has(id)));
    if (open.length === 0) {
      if (!best || isBetter(chosen, best)) best = chosen;
      return;
    }
    if (best && chosen.length + disjoint(open) > best.length) return;
    const [narrowest = []] = open.toSorted((a, b) => a.length - b.length);
    const tried = new Set(barred);
    for (const choice of narrowest.toSorted((a, b) => a.harm - b.harm || (a.id < b.id ? -1 : 1))) {
      search([...chosen, choice], tried);
      // What was tried here need not be part of the other branches.
      tried.add(choice.id);
    }
  };
  search([], new Set());
  return best && { chosen: best, exact: steps <= MOST_STEPS };
}

function isWithin(small: ReadonlySet<string>, large: ReadonlySet<string>): boolean {
  return [...small].every((id) => large.has(id));
}

function isBetter(a: readonly Choice[], b: readonly Choice[]): boolean {
  return a.length < b.length || (a.length === b.length && harmOf(a) < harmOf(b));
}

function harmOf(choices: readonly Choice[]): number {
  return choices.reduce((sum, { harm }) => sum + harm, 0);
}

/** How many constraints share no choice: each needs a change of its own, so no set is smaller. */
export function disjoint(constraints: readonly (readonly Choice[])[]): number {
  const used = new Set<string>();
  let count = 0;
  for (const constraint of constraints.toSorted((a, b) => a.length - b.length)) {
    if (constraint.some(({ id }) => used.has(id))) continue;
    for (const { id } of constraint) used.add(id);
    count++;
  }
  return count;
}
