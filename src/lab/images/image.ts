/** An image of the lab: a name that stands for a program which ships with it. */
export interface LabImage {
  /** Without tag: `seaworthy.dev/toolbox`; `seaworthy.dev/shop/*` stands for any last part. */
  readonly repository: string;
  readonly title: string;
  /** What runs when the container names no command. The first element is found by PATH. */
  readonly entrypoint: readonly string[];
  /** Arguments when the container names neither command nor args. */
  readonly command: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** The user the image names; 0 is root. */
  readonly user: { readonly uid: number; readonly gid: number };
  readonly workingDir: string;
}
