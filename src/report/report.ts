import type { Because, EvidenceLevel, Severity } from '../model/because.ts';
import type { Position } from '../model/errors.ts';
import type { ObjectRef } from '../model/object.ts';
import type { Coverage } from '../model/snapshot.ts';
import type { Acceptance } from '../analysis/posture/types.ts';

/** What a result says of its subject. `unknown` is never a pass; `notApplicable` says why the question does not arise. */
export type ResultVerdict = 'fail' | 'unknown' | 'pass' | 'notApplicable';

/** One claim judged or one thing found, as every format writes it. */
export interface Result {
  /** The same for the same thing in every run. */
  readonly id: string;
  /** What it was judged by: the id of a check, an error code, or `claim/<kind>`. What `explain` takes. */
  readonly rule: string;
  readonly group: 'claims' | 'findings';
  readonly verdict: ResultVerdict;
  /** The verdict in the words of its group: `violated`, `holds`, `accepted`, `fail`. */
  readonly word: string;
  readonly severity: Severity;
  readonly level: EvidenceLevel;
  /** Whom it is about, in words: `Deployment shop/web [server]`, or the id of a claim. */
  readonly about: string;
  readonly object?: ObjectRef;
  /** Namespace of the object or of the claim. */
  readonly namespace?: string;
  readonly container?: string;
  readonly at?: Position;
  /** Field of the object, from its root. */
  readonly path?: string;
  readonly message: string;
  readonly because: readonly Because[];
  readonly accepted?: Acceptance;
  /** Ids of the rules that can't be judged because of it: it is about a document that could not be read. */
  readonly unjudged?: readonly string[];
  /** Not in the baseline, or in what was compared with. */
  readonly new?: boolean;
}

/** What results are judged by, for formats that describe it once. */
export interface Rule {
  readonly id: string;
  readonly title: string;
  readonly severity: Severity;
  /** Ids of frameworks: `T1611`, `CIS-5.2.2`. */
  readonly tags: readonly string[];
}

/** A part of the HTML page. */
export interface Section {
  /** Id of the element, and the anchor of the navigation. */
  readonly id: string;
  readonly heading: string;
  /** What the navigation calls it. */
  readonly nav: string;
  /** HTML below the heading; every text in it escaped. */
  readonly html: string;
  /** Script of the page that brings it to life; the section says all it has to say without. */
  readonly script?: string;
}

/** What one command found, ready for every format. */
export interface Report {
  /** `verify`, `check`. */
  readonly command: string;
  readonly source: string;
  /** The sum of it in one plain sentence. */
  readonly headline: string;
  /** Worst first. */
  readonly results: readonly Result[];
  /** Ids of the rules that were applied, whether or not they have results. */
  readonly ran: readonly string[];
  readonly coverage: Coverage;
  /** RFC 3339; absent in reproducible reports. */
  readonly generatedAt?: string;
  /** What `-o json` prints. */
  readonly document: object;
  /** The first screen of a terminal. */
  screen(options: RenderOptions): string;
  /** The parts of the HTML page below its head, in order. */
  page(options: RenderOptions): { readonly lead: string; readonly sections: readonly Section[] };
  /** What a Markdown report says between claims and findings; everything in it escaped. */
  readonly markdown?: string;
}

/** Colours, or functions that leave text as it is. */
export interface Paint {
  bold(text: string): string;
  dim(text: string): string;
  red(text: string): string;
  yellow(text: string): string;
  green(text: string): string;
}

/** Where text is laid out. */
export interface Screen {
  readonly paint: Paint;
  /** Columns of the terminal. */
  readonly width: number;
}

/** What a format may want to know beside the report. */
export interface RenderOptions extends Screen {
  /** The name the program was called by, for the commands a report suggests. */
  readonly calledAs: string;
  readonly version: string;
  /** How this report was asked for, format left out: `verify -f manifests/`. */
  readonly invocation: string;
}

/** What `-o` takes, wherever results are printed. */
export type FormatId =
  | 'table'
  | 'wide'
  | 'json'
  | 'yaml'
  | 'name'
  | 'sarif'
  | 'junit'
  | 'markdown'
  | 'html'
  | 'csv'
  | 'policyreport';

/** One way to write a report down. */
export interface ReportFormat {
  readonly id: FormatId;
  /** Who it is for. */
  readonly title: string;
  render(report: Report, options: RenderOptions): string;
}
