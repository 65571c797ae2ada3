// Changes real records at random and compares the verdict of ajv with that of
// `cna check`; run by bench/ajv. The last line is "no difference", or the
// exit code is 1.

const { spawnSync } = require('node:child_process');
const { readFileSync, writeFileSync } = require('node:fs');
const Ajv = require('ajv');
const addFormats = require('ajv-formats');

const [, , CNA, SCHEMAS, FOLDER, COUNT, SEED] = process.argv;
const records = readFileSync(`${FOLDER}/corpus.jsonl`, 'utf8').trim().split('\n');

// The same seed gives the same numbers (Knuth's linear congruence, its high bits).
let state = BigInt(SEED);
function below(bound) {
  state = (state * 6364136223846793005n + 1442695040888963407n) & ((1n << 64n) - 1n);
  return Number((state >> 33n) % BigInt(bound));
}
const pick = (list) => list[below(list.length)];

// A number as it is spelt, because 9.80 and 98e-1 are one number.
class Spelt {
  constructor(text) { this.text = text; }
}

const TEXTS = [
  '', ' ', 'x', 'en', 'EN-us', 'en-', 'eng', 'de', 'PUBLISHED', 'REJECTED', 'affected', 'Affected',
  '\ud800', '\udc00\ud800', 'é', 'e\u0301', '__proto__', 'x_', 'x_a\nb', 'x_a\u2028b',
  `x_${'😀'.repeat(126)}`, `x_${'😀'.repeat(127)}`, 'patch', 'disputed', '5.0', '5.1.1', '05.1', '5.2.0.0',
  '2024-02-30T00:00:00Z', '1996-02-29T00:00:00Z', '19-02-29T00:00:00Z', '2024-01-01T00:00:00',
  '2024-01-01T23:59:60Z', '2024-01-01T00:00:00.1+99:99', '2024-01-01T00:00:00z',
  'http:', 'http:/', 'HTTP://A', 'urn:x:y', 'https://[::1]/', 'https://[::1', 'https://a/%zz',
  'https://a/%41', 'git://git@h:n/x.git', 'https://a/[b]', 'https://a/{b}', 'https://a/|', 'https://é',
  'https://a#b#c', 'https://[v1.a]/', 'https://u:p:q@h/', 'https:///x', '//x', 'a+b.c-d:e',
  'CWE-0', 'CWE-01', 'CWE-999999', 'cwe-79', 'CAPEC-12345', 'CVE-2024-00001', 'CVE-2024-1',
  'cpe:/a', 'CPE:/a', 'cpe:/', 'cpe:2.3:a:b:c:*:*:*:*:*:*:*:*', ' cpe:2.3:a:b:c:*:*:*:*:*:*:*:*\n',
  'cpe:2.3:a:b:c\\:d:1\\.0:*:*:en-US:*:*:*:*', 'cpe:2.3:z:b:c:*:*:*:*:*:*:*:*',
  'CVSS:3.1/AV:N', 'CVSS:3.1/AV:N/AV:N', 'CVSS:3.0/PR:U', 'AV:N/AC:L/Au:N/C:P/I:P/A:P', '(AV:N)',
  'NONE', 'LOW', 'CRITICAL', 'text/', 'image/svg+xml', 'pkg:npm/a@1', 'PKG:npm/a', '*', 'a'.repeat(4097),
];
const NUMBERS = [
  '0', '-0', '1', '1e0', '10', '1E1', '100e-1', '9.80', '98e-1', '9.81', '0.30000000000000004', '-0.1', '10.1',
  '1e400', '1e-400', '5', '5.5', '123456789012345678901', '3.9', '4.0', '6.9', '7', '8.9', '9',
];
const KEYS = [
  'x_', 'x_a', 'x_a.b', 'x_a\nb', 'X_a', '', 'unknown', '__proto__', 'hasOwnProperty', 'title', 'tags', 'lang',
  'versionType', 'lessThan', 'lessThanOrEqual', 'changes', 'supportingMedia', 'rejectedReasons', 'replacedBy',
  'adp', 'dateRejected', 'packageURL', 'cpeApplicability', 'cvssV4_0', 'threatScore', 'serial', 'cpes',
];
const LENGTHS = [1, 2, 32, 33, 64, 65, 128, 129, 256, 257, 512, 513, 1024, 1025, 2048, 2049, 4096, 4097, 16384, 16385];
const ODD = [null, true, 5, 'x', [], {}, [[]], [null], { x_: 1 }];

const isObject = (value) => value !== null && typeof value === 'object' && !(value instanceof Spelt);

// `__proto__` is a key as any other here.
function set(object, key, value) {
  Object.defineProperty(object, key, { value, enumerable: true, configurable: true, writable: true });
}

function copy(value) {
  if (!isObject(value)) return value;
  if (Array.isArray(value)) return value.map(copy);
  const made = {};
  for (const key of Object.keys(value)) set(made, key, copy(value[key]));
  return made;
}

// Where the values inside `value` stand, as [holder, key].
function places(value, found = []) {
  for (const key of isObject(value) ? Object.keys(value) : []) {
    found.push([value, key]);
    places(value[key], found);
  }
  return found;
}

function change(document) {
  const all = places(document);
  if (all.length === 0) return;
  const [holder, key] = pick(all);
  const value = holder[key];
  const other = ([from, at]) => copy(from[at]);
  switch (below(12)) {
    case 0: return set(holder, key, copy(pick(ODD)));
    case 1: return set(holder, key, other(pick(all)));
    case 2: return Array.isArray(holder) ? void holder.splice(key, 1) : void delete holder[key];
  }
  if (typeof value === 'string') return set(holder, key, changedText(value));
  if (typeof value === 'number' || value instanceof Spelt) return set(holder, key, new Spelt(pick(NUMBERS)));
  if (Array.isArray(value)) {
    const item = value.length > 0 ? copy(pick(value)) : 'x';
    if (below(4) === 0) value.length = 0;
    else value.push(isObject(item) && below(2) ? Object.fromEntries(Object.entries(item).reverse()) : item);
  } else if (isObject(value)) {
    const keys = Object.keys(value);
    if (keys.length > 0 && below(3) === 0) delete value[pick(keys)];
    else set(value, pick(KEYS), pick([pick(TEXTS), other(pick(all)), copy(pick(ODD))]));
  } else {
    set(holder, key, typeof value === 'boolean' ? !value : copy(pick(ODD)));
  }
}

function changedText(text) {
  switch (below(6)) {
    case 0: return text + pick([' ', '\n', '\u2028', 'x', '/', '\u0000', '😀']);
    case 1: return below(2) ? text.toUpperCase() : text.toLowerCase();
    case 2: return text.slice(0, -1);
    case 3: return pick(['y', 'é', '😀', '\ud83d']).repeat(pick(LENGTHS));
    default: return pick(TEXTS);
  }
}

// JSON on one line, now and then with a key twice, or keys in another order.
function written(value) {
  if (value instanceof Spelt) return value.text;
  if (!isObject(value)) return JSON.stringify(value ?? null);
  if (Array.isArray(value)) return `[${value.map(written).join(',')}]`;
  const members = Object.keys(value).map((key) => `${JSON.stringify(key)}:${written(value[key])}`);
  if (members.length > 0 && below(60) === 0) {
    const again = `${JSON.stringify(pick(Object.keys(value)))}:${pick(['null', '1', '"x"', '[]'])}`;
    members.splice(below(members.length + 1), 0, again);
  }
  return `{${(below(20) === 0 ? members.reverse() : members).join(below(40) ? ',' : ' ,\t')}}`;
}

function validator(bundle, definition) {
  const ajv = new Ajv({ strict: false, logger: false });
  addFormats(ajv);
  const { $schema, definitions } = bundle;
  return ajv.compile(definition ? { $schema, $ref: `#/definitions/${definition}`, definitions } : bundle);
}

const bundles = {
  '5.1.1': JSON.parse(readFileSync(`${SCHEMAS}/CVE_JSON_bundled_5.1.1.json`)),
  '5.2.0': JSON.parse(readFileSync(`${SCHEMAS}/CVE_Record_Format_bundled.json`)),
};

// Time: what CVE Services does with a text, over all records.
const valid = validator(bundles['5.2.0']);
const start = process.cpuUsage();
for (const text of records) valid(JSON.parse(text));
const used = process.cpuUsage(start);
console.log(`ajv, parse and verdict: ${((used.user + used.system) / records.length).toFixed(1)} us a record`);

// Verdicts.
const rejected = records.filter((text) => text.includes('"state":"REJECTED"')).slice(0, 200);
const some = Array.from({ length: 500 }, () => pick(records)).concat(rejected).map((text) => JSON.parse(text));
const isRejected = (record) => record.cveMetadata.state === 'REJECTED';
const kinds = {
  full: [null, some],
  cna: ['cnaPublishedContainer', some.filter((record) => !isRejected(record)).map((record) => record.containers.cna)],
  rejected: ['cnaRejectedContainer', some.filter(isRejected).map((record) => record.containers.cna)],
  adp: ['adpContainer', some.flatMap((record) => record.containers.adp ?? [])],
};
let different = 0;
for (const [kind, [definition, documents]] of Object.entries(kinds)) {
  for (const [version, bundle] of Object.entries(bundles)) {
    const judge = validator(bundle, definition);
    const texts = Array.from({ length: Number(COUNT) }, () => {
      const document = copy(pick(documents));
      for (let changes = 1 + below(3); changes > 0; changes -= 1) change(document);
      return written(document);
    });
    const theirs = texts.map((text) => {
      // ajv itself fails on objects with a key `toString` or `valueOf`.
      try { return judge(JSON.parse(text)); } catch { return undefined; }
    });
    const file = `${FOLDER}/${kind}.jsonl`;
    writeFileSync(file, `${texts.join('\n')}\n`);
    const flags = ['--type', kind, '--level', 'schema', '--format-version', version, '--output', 'ndjson'];
    const run = spawnSync(CNA, ['check', file, ...flags], { encoding: 'utf8', maxBuffer: 1 << 30 });
    const ours = run.stdout.trim().split('\n').map((line) => JSON.parse(line));
    const wrong = texts.filter((_, at) => theirs[at] !== undefined && theirs[at] !== ours[at].valid);
    for (const text of wrong.slice(0, 3)) console.log(`differs: ${text.slice(0, 2000)}`);
    const accepted = theirs.filter((verdict) => verdict).length;
    console.log(`${kind} ${version}: ${texts.length} documents, ${accepted} valid, ${wrong.length} differ`);
    different += wrong.length;
  }
}
console.log(different === 0 ? 'no difference' : `${different} differences`);
process.exit(different === 0 ? 0 : 1);
