import { formatPath, becauseOfGap, type Because, type Severity } from '../../model/because.ts';
import type { KindKey } from '../../model/object.ts';
import type { Gap } from '../../model/snapshot.ts';
import type { CheckContext } from './context.ts';
import { becauseOfPlace, type Examined, type Place } from './examined.ts';
import type { CheckResult, Frameworks } from './types.ts';

/** The objects a kind of check is about, and what must be readable to have all of them. */
export interface SubjectSource<Subject> {
  readonly reads: readonly KindKey[];
  /** All that is looked at of the objects beside their metadata, where a source may leave some fields out; else everything. */
  readonly fields?: readonly string[];
  subjects(context: CheckContext): Iterable<Examined<Subject>>;
}

/** Sentences by key, each from its own typed data. */
type Messages = Readonly<Record<string, (data: never) => string>>;

/** What a check may say of a subject. Nothing said means that it passes. */
export type Finding =
  | {
      readonly kind: 'fail';
      readonly message: string;
      readonly place: Place;
      readonly because: readonly Because[];
      readonly severity: Severity;
    }
  | { readonly kind: 'unknown'; readonly message: string; readonly because: readonly Because[] }
  | { readonly kind: 'notApplicable'; readonly message: string };

/** How a check says what it found. */
export interface Report<M extends Messages> {
  /** A failure at a place; `more` are further reasons beside the field itself. */
  <K extends keyof M>(key: K, data: Parameters<M[K]>[0], place: Place, more?: readonly Because[]): Finding;
  unknown(message: string, because: readonly Because[]): Finding;
  notApplicable(message: string): Finding;
}

/** A check as it is written: data, and one pure generator. */
export interface CheckDefinition<Subject, M extends Messages> {
  readonly id: string;
  /** What is wrong where it fails: `Container runtime socket is mounted`. */
  readonly title: string;
  /** What is true where it passes: `No container runtime socket is mounted`. */
  readonly holds: string;
  readonly severity: Severity;
  /** For messages that are not as severe as the check itself. */
  readonly severities?: { readonly [K in keyof M]?: Severity };
  readonly examines: SubjectSource<Subject>;
  /** Kinds beyond those of `examines` without which a verdict can't be given; the check asks the context about them. */
  readonly alsoReads?: readonly KindKey[];
  readonly frameworks: Frameworks;
  readonly messages: M;
  /** Pure. Yields what is wrong with one subject, and nothing when nothing is. */
  run(subject: Subject, report: Report<M>, context: CheckContext): Iterable<Finding>;
}

/** A check as the catalogue holds it, its types of subject and messages closed over. */
export interface Check {
  readonly id: string;
  readonly title: string;
  readonly holds: string;
  readonly severity: Severity;
  readonly reads: readonly KindKey[];
  readonly frameworks: Frameworks;
  /** One or more results for every object examined, and one `unknown` for every gap that may hide one. */
  evaluate(context: CheckContext): Iterable<CheckResult>;
}

/** Makes a check of data and one pure generator function. */
export function defineCheck<Subject, M extends Messages>(definition: CheckDefinition<Subject, M>): Check {
  const { id, title, holds, severity, examines, frameworks, messages } = definition;
  const report: Report<M> = Object.assign(
    (key: keyof M, data: unknown, place: Place, more: readonly Because[] = []): Finding => {
      const say = messages[key] as ((data: unknown) => string) | undefined;
      const message = say?.(data) ?? title;
      const because = [becauseOfPlace(place, message), ...more];
      return { kind: 'fail', message, place, because, severity: definition.severities?.[key] ?? severity };
    },
    {
      unknown: (message: string, because: readonly Because[]): Finding => ({ kind: 'unknown', message, because }),
      notApplicable: (message: string): Finding => ({ kind: 'notApplicable', message }),
    },
  );

  return {
    id,
    title,
    holds,
    severity,
    reads: [...examines.reads, ...(definition.alsoReads ?? [])],
    frameworks,
    *evaluate(context) {
      for (const examined of examines.subjects(context)) {
        let silent = true;
        for (const finding of definition.run(examined.subject, report, context)) {
          silent = false;
          yield resultOf(finding, examined, context);
        }
        if (silent) {
          const because: Because = { kind: 'absence', of: title, says: holds };
          yield {
            check: id,
            verdict: 'pass',
            severity,
            ...whereOf(examined, context),
            message: holds,
            because: [because],
          };
        }
      }
      for (const gap of context.snapshot.gaps(examines.reads)) {
        if (gap.fields && examines.fields && !gap.fields.some((field) => examines.fields?.includes(field))) continue;
        yield { check: id, verdict: 'unknown', severity, ...ofGap(gap, examines.reads) };
      }
    },
  };

  function resultOf(finding: Finding, examined: Examined<Subject>, context: CheckContext): CheckResult {
    const base = { check: id, verdict: finding.kind, severity, message: finding.message };
    switch (finding.kind) {
      case 'fail': {
        const { container } = finding.place;
        return {
          ...base,
          severity: finding.severity,
          ...whereOf(examined, context, finding.place),
          ...(container === undefined ? {} : { container }),
          because: finding.because,
        };
      }
      case 'unknown':
        return { ...base, ...whereOf(examined, context), because: finding.because };
      case 'notApplicable':
        return {
          ...base,
          ...whereOf(examined, context),
          because: [{ kind: 'rule', source: `check ${id}`, says: finding.message }],
        };
    }
  }
}

/** The object, and the file, field and line of a place in it. */
export function whereOf(
  examined: Examined<unknown>,
  context: CheckContext,
  place?: Place,
): Pick<CheckResult, 'object' | 'file' | 'path' | 'line'> {
  const resource = place?.resource ?? examined.resource;
  const position = resource && context.snapshot.locate(resource, place?.path ?? []);
  const file = position?.file ?? resource?.origin?.file;
  const line = position?.line ?? resource?.origin?.line;
  return {
    object: examined.object,
    ...(file === undefined ? {} : { file }),
    ...(place === undefined || place.path.length === 0 ? {} : { path: formatPath(place.path) }),
    ...(line === undefined ? {} : { line }),
  };
}

/** What could not be read, as a result: `*` stands for the objects that may be there. */
function ofGap(
  gap: Gap,
  reads: readonly KindKey[],
): Pick<CheckResult, 'object' | 'message' | 'because' | 'file' | 'line'> {
  const kind = gap.kind === '*' ? (reads[0] ?? '*') : gap.kind;
  const dot = kind.indexOf('.');
  const group = dot < 0 ? '' : kind.slice(dot + 1);
  return {
    object: {
      apiVersion: group === '' ? 'v1' : `${group}/v1`,
      kind: gap.kind === '*' ? '*' : dot < 0 ? kind : kind.slice(0, dot),
      ...(gap.namespace === undefined ? {} : { namespace: gap.namespace }),
      name: '*',
    },
    message: gap.detail,
    because: [becauseOfGap(gap)],
    ...(gap.at === undefined ? {} : { file: gap.at.file }),
    ...(gap.at?.line === undefined ? {} : { line: gap.at.line }),
  };
}
