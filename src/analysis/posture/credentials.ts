/** Names that say a value is a credential; `_` and `-` count as the same. */
const SECRET_NAME =
  /(password|passwd|passphrase|(^|[_.-])(pass|pwd|secret|secret[_-]?key|api[_-]?key|access[_-]?key|private[_-]?key|auth[_-]?token|access[_-]?token|token|credentials?))$/i;

/** Endings with which a name speaks of where a credential is, or how long it lives, not of the credential. */
const ABOUT_A_SECRET =
  /[_.-](file|path|dir|name|url|uri|endpoint|ttl|length|ref|enabled|expiry|duration|type|key[_-]?name)$/i;

/** Values that are credentials whatever they are called, by the shape their makers gave them. */
const SHAPES: readonly { readonly what: string; readonly pattern: RegExp }[] = [
  { what: 'a private key', pattern: /-----BEGIN (?:[A-Z]+ )*PRIVATE KEY-----/ },
  { what: 'an AWS access key', pattern: /(?<![A-Z0-9])A(?:KIA|SIA)[A-Z0-9]{16}(?![A-Z0-9])/ },
  { what: 'a GitHub token', pattern: /\bgh[pousr]_[A-Za-z0-9]{36,}\b/ },
  { what: 'a GitLab token', pattern: /\bglpat-[A-Za-z0-9_-]{20,}\b/ },
  { what: 'a Slack token', pattern: /\bxox[abprs]-[A-Za-z0-9-]{10,}\b/ },
  { what: 'a Google API key', pattern: /\bAIza[A-Za-z0-9_-]{35}\b/ },
  { what: 'a Stripe key', pattern: /\b[sr]k_live_[A-Za-z0-9]{16,}\b/ },
  { what: 'a JSON web token', pattern: /\beyJ[A-Za-z0-9_-]{10,}\.eyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{10,}/ },
  { what: 'a password in a URL', pattern: /\b[a-z][a-z0-9+.-]*:\/\/[^\s:/@$]+:[^\s:/@${}]{3,}@/i },
];

/** Values that stand for a credential given elsewhere, or for none. */
const PLACEHOLDER = /^(\$[({A-Za-z_].*|`.*|<.*>|%.*%|true|false|yes|no|none|null|nil|\d{1,4}|\/\S*|changeme|.{0,2})$/i;

/** What kind of credential a value is, judged by its shape alone. */
export function credentialIn(value: string): string | undefined {
  return SHAPES.find(({ pattern }) => pattern.test(value))?.what;
}

/** Whether a setting of this name with this value is a credential written out. `changeme` is one that was never changed. */
export function isNamedCredential(name: string, value: string): boolean {
  if (!SECRET_NAME.test(splitCamelCase(name)) || ABOUT_A_SECRET.test(name)) return false;
  return /^changeme$/i.test(value) || !PLACEHOLDER.test(value);
}

/**
 * The credentials a command line is given: `--password=x`, `--password x`, and `DB_PASSWORD=x` within a script. Each with the index
 * of the argument it stands in.
 */
export function credentialsIn(args: readonly string[]): readonly { readonly index: number; readonly what: string }[] {
  return args.flatMap((argument, index) => {
    const what = credentialIn(argument) ?? (givesCredential(argument, args[index + 1]) ? LOOKS_LIKE_ONE : undefined);
    return what === undefined ? [] : [{ index, what }];
  });
}

/** What is said of a value that only its name gives away. */
export const LOOKS_LIKE_ONE = 'what looks like a credential';

function givesCredential(argument: string, next: string | undefined): boolean {
  const flag = /^--?([A-Za-z][\w.-]*)(?:=(.+))?$/s.exec(argument);
  if (flag) {
    const value = flag[2] ?? (next?.startsWith('-') === false ? next : undefined);
    return value !== undefined && isNamedCredential(flag[1] ?? '', value);
  }
  const assignments = argument.matchAll(/(?<![\w$-])([A-Za-z_]\w*)=(?:"([^"]*)"|'([^']*)'|([^\s;&|"']+))/g);
  return [...assignments].some(([, name = '', double, single, bare]) =>
    isNamedCredential(name, double ?? single ?? bare ?? ''),
  );
}

function splitCamelCase(name: string): string {
  return name.replaceAll(/([a-z0-9])([A-Z])/g, '$1_$2');
}
