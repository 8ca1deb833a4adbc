/** Which folders and files the engine never reads: foreign code, generated files, and whatever may hold a secret. */

/** Folders of dependencies, build products and tools. */
const SKIPPED_FOLDERS = new Set(
  (
    'node_modules bower_components jspm_packages vendor .git .hg .svn .bzr .jj dist target coverage ' +
    '.venv venv __pycache__ .tox .nox .mypy_cache .pytest_cache .ruff_cache .eggs .gradle .idea .vs .terraform ' +
    '.next .nuxt .svelte-kit .turbo .parcel-cache .cache .yarn .pnpm-store .direnv .stack-work _build deps ' +
    '.ssh .aws .gnupg .kube .docker .azure .gcloud'
  ).split(' '),
);

/** Written by tools: they repeat themselves, and nobody types them. */
const GENERATED_FILES =
  /^(?:package-lock\.json|npm-shrinkwrap\.json|yarn\.lock|pnpm-lock\.yaml|bun\.lockb?|cargo\.lock|poetry\.lock|uv\.lock|composer\.lock|gemfile\.lock|go\.sum|flake\.lock)$|\.min\.\w+$|\.map$|\.svg$|\.snap$|\.ipynb$/i;

/** Files in which credentials are kept. */
const SECRET_FILES =
  /^\.env|^\.?(?:npmrc|yarnrc|netrc|pypirc|pgpass|my\.cnf|htpasswd|git-credentials|dockercfg|dockerconfigjson|vault-token)$|^id_(?:rsa|dsa|ecdsa|ed25519)|^(?:credentials|secrets?|service-account.*)(?:\.(?:json|ya?ml|toml|ini|txt|env|tfvars))?$|\.(?:env|pem|key|p12|pfx|p8|jks|keystore|kdbx|asc|gpg|pgp|ppk|tfvars|tfstate|ovpn|secret)$/i;

/** Whether a folder of this name is left out wherever it lies. */
export function isSkippedFolder(name: string): boolean {
  return SKIPPED_FOLDERS.has(name);
}

/** Whether a file of this name may hold credentials: nothing of it may turn up elsewhere, not even while it is open. */
export function isSecretFile(name: string): boolean {
  return SECRET_FILES.test(name);
}

/** Whether a file of this name is left out wherever it lies. */
export function isSkippedFile(name: string): boolean {
  return isSecretFile(name) || GENERATED_FILES.test(name);
}
