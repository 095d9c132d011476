import type { Because } from '../../../model/because.ts';
import type { Labels } from '../../../model/selectors.ts';

/** Something besides Pod Security that is asked before a pod gets into a namespace; what it answers is not known here. */
export interface Guard {
  readonly because: Because;
  /** The objects any of which takes the guard away when it is changed; none where that is not known. */
  readonly restsOn: readonly GuardObject[];
}

export interface GuardObject {
  /** With its group, as a right names it. */
  readonly resource: string;
  readonly namespace?: string;
  readonly name: string;
}

/** A guard, with the namespaces it is asked about. */
export interface NamespaceGuard extends Guard {
  asksAbout(namespace: Labels): boolean;
}
