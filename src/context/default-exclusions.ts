/** Files whose text never leaves the machine, whatever the settings say: they exist to hold secrets. */

/** As in a gitignore file, but `*` alone is special. Each holds at any depth and for all that lies below it. */
const patterns: readonly string[] = [
  // Environment files.
  '.env*',
  '*.env',
  '.dev.vars',
  '.flaskenv',
  // Keys and certificates.
  '*.pem',
  '*.key',
  '*.cert',
  '*.crt',
  '*.cer',
  '*.p8',
  '*.p12',
  '*.pfx',
  '*.jks',
  '*.keystore',
  '*.kdbx',
  '*.ppk',
  '*.gpg',
  '*.ovpn',
  'id_rsa*',
  'id_dsa*',
  'id_ecdsa*',
  'id_ed25519*',
  '.ssh/',
  '.gnupg/',
  // What tools keep to log in with.
  '.netrc',
  '_netrc',
  '.npmrc',
  '.yarnrc.yml',
  '.pypirc',
  '.pgpass',
  '.my.cnf',
  '.htpasswd',
  '.git-credentials',
  '.dockercfg',
  '.docker/config.json',
  '.kube/',
  'kubeconfig',
  'kubeconfig.y*ml',
  '.aws/',
  '.azure/',
  '.config/gcloud/',
  '.config/gh/',
  'credentials.json',
  'credentials.toml',
  'service-account*.json',
  'auth.json',
  // Secrets of deployments.
  'secrets.y*ml',
  'secrets.json',
  'secrets.toml',
  'secret.y*ml',
  '*.tfvars',
  '*.tfvars.json',
  '*.tfstate',
  '*.tfstate.*',
  '.vault-token',
  'vault.y*ml',
  '*.appsettings',
  '*.settings',
  // Data.
  '*.db',
  '*.sqlite',
  '*.sqlite3',
  // The store of git: its config may hold passwords, and nobody writes it by hand.
  '.git/',
];

const rules = patterns.map((pattern) => ({ pattern, expression: new RegExp(sourceOf(pattern), 'i') }));

/** One look at a path instead of one for each pattern: every open document is judged while somebody types. */
const any = new RegExp(patterns.map(sourceOf).join('|'), 'i');

/** The pattern that a path (with `/`) falls under. */
export function defaultExclusionOf(path: string): string | undefined {
  return any.test(path) ? rules.find(({ expression }) => expression.test(path))?.pattern : undefined;
}

function sourceOf(pattern: string): string {
  const name = pattern.replace(/[.+?^${}()|[\]\\]/g, '\\$&').replaceAll('*', '[^/]*');
  return `(?:^|/)${name}${pattern.endsWith('/') ? '' : '(?:/|$)'}`;
}
