import { problemsOf, readYaml, type DocumentProblem } from '../claims/yaml-problems.ts';
import { SeaworthyError } from '../model/errors.ts';
import { list, record, text } from '../model/json.ts';
import { ExperimentSchema, type Experiment } from './schema.ts';

/** The experiments of a YAML or JSON text; other kinds of seaworthy.dev (Claims) are passed over. Throws the first problem. */
export function parseExperiments(source: string, file: string): readonly Experiment[] {
  const { documents, problems } = readYaml(source, file);
  if (problems[0]) throw asError(problems[0]);
  return documents.flatMap((document) => {
    const root = record(document.value);
    const isList = root['kind'] === 'List' || root['kind'] === 'ExperimentList';
    const entries = isList
      ? list(root['items']).map((value, index) => ({ value, base: ['items', index] }))
      : [{ value: document.value, base: [] }];
    return entries.flatMap(({ value, base }) => {
      const fields = record(value);
      const kind = text(fields['kind']) ?? '';
      if (kind !== 'Experiment') {
        if ((text(fields['apiVersion']) ?? '').startsWith('seaworthy.dev/')) return [];
        throw new SeaworthyError(
          'SW_EXPERIMENT_INVALID',
          kind === '' ? 'this document has no kind' : `this is a ${kind}, not an Experiment`,
          {
            hint: 'Give the file of an Experiment of seaworthy.dev/v1alpha1.',
            at: document.position(base),
          },
        );
      }
      const parsed = ExperimentSchema.safeParse(value);
      if (parsed.success) return [parsed.data];
      const [first] = problemsOf(parsed.error, document, 'SW_EXPERIMENT_INVALID', ExperimentSchema, base);
      throw first
        ? asError(first)
        : new SeaworthyError('SW_EXPERIMENT_INVALID', 'this Experiment is not valid', { at: document.position(base) });
    });
  });
}

function asError(problem: DocumentProblem): SeaworthyError {
  return new SeaworthyError(problem.code, problem.message, {
    at: problem.at,
    ...(problem.hint === undefined ? {} : { hint: problem.hint }),
  });
}
