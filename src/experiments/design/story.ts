import type { ExperimentRun, Point } from './run-record.ts';

/**
 * What happened to one claim in one run, in one sentence: in calm, under fault, and after. The first thing to read of
 * an experiment; the numbers are those of the run's own looks.
 */
export function storyOf(run: ExperimentRun, claim: string): string {
  const points = (run.series.find((series) => series.claim === claim && series.group === 'all')?.points ?? []).filter(
    ({ verdict }) => verdict !== 'unknown',
  );
  const fault = [...new Set(run.faults.map((one) => one.fault))].join(' and ') || 'the fault';
  const begun = earliest(run.faults.map(({ appliedAt }) => appliedAt));
  const over = latest(run.phases.filter(({ name }) => name === 'during' || name === 'on').map(({ to }) => to));
  // A look that the beginning of the fault fell into says nothing of calm.
  const calm = points.filter(({ at, counted }) => begun === undefined || (counted && Date.parse(at) < begun));
  if (begun === undefined) {
    const why = run.because === undefined ? '' : `: ${run.because}`;
    return `${inCalm(calm)}; nothing was broken, the run was ${WORDS[run.state] ?? run.state}${why}`;
  }
  const tried = points.filter(({ at }) => Date.parse(at) >= begun);
  const first = tried.find(({ verdict }) => verdict === 'violated');
  const during = tried.filter(({ at }) => over === undefined || Date.parse(at) < over);
  const lasted = over === undefined ? '' : `, which lasted ${seconds(over - begun)}`;
  if (!first) {
    const after = tried.length - during.length;
    return `${inCalm(calm)}, in ${allOf(during.length)} under ${fault}${lasted}, and in ${allOf(after)} after it`;
  }
  const broken = during.filter(({ verdict }) => verdict === 'violated').length;
  const share = broken > 0 ? `; violated in ${broken} of ${during.length} looks under it` : '';
  const opening = `${seconds(Date.parse(first.at) - begun)} into ${fault}${lasted}: ${first.says ?? 'violated'}`;
  return `${inCalm(calm)}; ${opening}${share}; ${wayBack(tried, over)}`;
}

const WORDS: Readonly<Partial<Record<string, string>>> = {
  completed: 'completed',
  stopped: 'stopped',
  aborted: 'aborted',
  steadyStateNotMet: 'not begun',
  failed: 'given up',
};

function inCalm(calm: readonly Point[]): string {
  const held = calm.filter(({ verdict }) => verdict === 'holds').length;
  if (calm.length === 0) return 'never seen in calm';
  return held === calm.length ? `held in calm (${allOf(held)})` : `held in calm in ${held} of ${calm.length} looks`;
}

function wayBack(tried: readonly Point[], over: number | undefined): string {
  const lastBad = tried.findLastIndex(({ verdict }) => verdict === 'violated');
  const good = tried[lastBad + 1];
  if (!good) return 'it was not seen to hold again';
  const late = over === undefined ? 0 : Date.parse(good.at) - over;
  return late > 0 ? `held again ${seconds(late)} after it ended` : 'held again before it ended';
}

function allOf(count: number): string {
  return count === 0 ? 'none' : count === 1 ? '1 look' : `all ${count} looks`;
}

function earliest(times: readonly (string | undefined)[]): number | undefined {
  const known = times.flatMap((time) => (time === undefined ? [] : [Date.parse(time)]));
  return known.length === 0 ? undefined : Math.min(...known);
}

function latest(times: readonly (string | undefined)[]): number | undefined {
  const known = times.flatMap((time) => (time === undefined ? [] : [Date.parse(time)]));
  return known.length === 0 ? undefined : Math.max(...known);
}

function seconds(milliseconds: number): string {
  return `${(milliseconds / 1_000).toFixed(1)} s`;
}
