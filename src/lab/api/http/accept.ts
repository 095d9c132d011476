/** In which shape a client wants its answer, of those we have. */
export type Shape = 'object' | 'table' | 'partial' | 'aggregated-discovery';

/** Reads the Accept header: its first alternative that we can serve. All answers are JSON. */
export function readAccept(accept: string | undefined): Shape {
  for (const alternative of (accept ?? '').split(',')) {
    const [type = '', ...parameters] = alternative.split(';').map((part) => part.trim());
    if (type !== 'application/json' && type !== '*/*' && type !== 'application/*') continue;
    const as = parameters.find((parameter) => parameter.startsWith('as='))?.slice(3);
    if (as === undefined) return 'object';
    if (as === 'Table') return 'table';
    if (as === 'PartialObjectMetadata' || as === 'PartialObjectMetadataList') return 'partial';
    if (as === 'APIGroupDiscoveryList' && parameters.includes('v=v2')) return 'aggregated-discovery';
  }
  return 'object';
}
