import { refId, type ObjectRef } from '../../../model/object.ts';
import { formatNode, type AttackNode } from '../nodes.ts';

/** Numbers of nodes and objects. They only grow, so graphs of one cluster and its changes share them. */
export class Numbering {
  readonly #ids = new Map<string, number>();
  readonly #nodes: AttackNode[] = [];
  readonly #objectIds = new Map<string, number>();
  readonly #objectOf = new WeakMap<ObjectRef, number>();
  readonly #objects: ObjectRef[] = [];

  get nodes(): number {
    return this.#nodes.length;
  }

  idOf(node: AttackNode): number {
    const written = formatNode(node);
    const known = this.#ids.get(written);
    if (known !== undefined) return known;
    this.#ids.set(written, this.#nodes.length);
    return this.#nodes.push(node) - 1;
  }

  nodeOf(id: number): AttackNode {
    const node = this.#nodes[id];
    if (!node) throw new RangeError(`no node ${id}`);
    return node;
  }

  /** The number of an object that hops need. */
  objectId(ref: ObjectRef): number {
    let id = this.#objectOf.get(ref);
    if (id === undefined) {
      const written = refId(ref);
      id = this.#objectIds.get(written);
      if (id === undefined) {
        id = this.#objects.push(ref) - 1;
        this.#objectIds.set(written, id);
      }
      this.#objectOf.set(ref, id);
    }
    return id;
  }

  objectOf(id: number): ObjectRef {
    const ref = this.#objects[id];
    if (!ref) throw new RangeError(`no object ${id}`);
    return ref;
  }
}
