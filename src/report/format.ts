import type { ReachMatrix, VerificationReport } from './types.ts';

/** Colours, or functions that leave text as it is. */
export interface Paint {
  bold(text: string): string;
  dim(text: string): string;
  red(text: string): string;
  yellow(text: string): string;
  green(text: string): string;
}

export interface RenderOptions {
  /** The name the program was called by, for the commands a report suggests. */
  readonly calledAs: string;
  readonly paint: Paint;
  /** Columns of the terminal. */
  readonly width: number;
  /** Who reaches whom; only asked for by formats that draw it. */
  readonly reachability?: () => ReachMatrix;
  /** How the same report is had in another format: `verify -f manifests/`. */
  readonly invocation: string;
}

/** One way to write a report down. */
export interface ReportFormat {
  readonly id: string;
  /** Who it is for. */
  readonly title: string;
  render(report: VerificationReport, options: RenderOptions): string;
}
