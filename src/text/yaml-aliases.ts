import { EVENT_ID, type Event } from 'js-yaml';

/**
 * Whether writing out every alias of a document would blow it up, by the rule kubectl's parser uses (yaml/v2,
 * `allowedAliasRatio`): small documents may consist of aliases almost entirely, large ones to a tenth. Sizes are
 * counted without expanding anything, so a bomb costs no more than its own text.
 */
export function excessiveAliasing(
  events: readonly Event[],
  source: string,
): { readonly message: string; readonly offset: number } | undefined {
  const sizes = new Map<string, number>();
  const open: { readonly anchor: string | undefined; readonly before: number }[] = [];
  let total = 0;
  let aliased = 0;
  for (const event of events) {
    switch (event.type) {
      case EVENT_ID.ALIAS: {
        const name = source.slice(event.anchorStart, event.anchorEnd);
        if (open.some(({ anchor }) => anchor === name)) {
          return { message: `the anchor ${name} contains itself`, offset: event.anchorStart };
        }
        const size = sizes.get(name) ?? 1;
        total += size;
        aliased += size;
        if (aliased > 100 && total > 1000 && aliased / total > allowedAliasRatio(total)) {
          return { message: 'aliases expand to far more than is written', offset: event.anchorStart };
        }
        break;
      }
      case EVENT_ID.SCALAR:
        total += 1;
        if (event.anchorStart >= 0) sizes.set(source.slice(event.anchorStart, event.anchorEnd), 1);
        break;
      case EVENT_ID.POP: {
        const closed = open.pop();
        if (closed?.anchor !== undefined) sizes.set(closed.anchor, total - closed.before);
        break;
      }
      case EVENT_ID.DOCUMENT:
        open.push({ anchor: undefined, before: total });
        break;
      case EVENT_ID.SEQUENCE:
      case EVENT_ID.MAPPING:
        open.push({
          anchor: event.anchorStart < 0 ? undefined : source.slice(event.anchorStart, event.anchorEnd),
          before: total,
        });
        total += 1;
        break;
    }
  }
  return undefined;
}

const SMALL = 400_000;
const LARGE = 4_000_000;

function allowedAliasRatio(total: number): number {
  if (total <= SMALL) return 0.99;
  if (total >= LARGE) return 0.1;
  return 0.99 - 0.89 * ((total - SMALL) / (LARGE - SMALL));
}
