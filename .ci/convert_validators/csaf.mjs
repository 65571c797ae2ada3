// Checks CSAF documents, one a line of each file, with the tests of
// csaf-validator-lib. Run in a folder whose node_modules has the library.
//
// Prints every broken test with an example, and ends with 1 when there is any
// beside those named in ALLOWED.

import fs from 'node:fs'
import path from 'node:path'
import readline from 'node:readline'
import { pathToFileURL } from 'node:url'

// The library has one fixed catalogue of weaknesses for CSAF 2.0, whatever the
// date of the document; names that were changed since then differ from it.
// The crate csaf-rs takes the catalogue of the date, and must be content.
const RENAMED = /^CWE-(598|942|1039|1116)$/

const library = path.join(process.cwd(), 'node_modules/@secvisogram/csaf-validator-lib')
const load = (file) => import(pathToFileURL(path.join(library, file)))
// The schema of CVSS 4.0 asks for multiples of 0.1, which the library computes
// in binary: 7.1 is none there. Such scores are left to csaf-rs.
const isMultiple = (score) => Number.isInteger(score / 0.1)
const withoutOddScores = (document) => {
  for (const one of document.vulnerabilities ?? []) {
    for (const metric of one.metrics ?? []) {
      const score = metric.content.cvss_v4
      if (score && !isMultiple(score.baseScore)) {
        delete metric.content.cvss_v4
      }
    }
    const left = one.metrics?.filter((metric) => Object.keys(metric.content).length)
    if (left?.length) one.metrics = left
    else delete one.metrics
  }
  return document
}

// Tests of the library that are older than the standard: csaf_withdrawn is a
// category of 2.1.
const isOutdated = (name, document) =>
  name.endsWith('_6_1_26') && document.document.category === 'csaf_withdrawn'

const presets = {
  '2.0': [await load('schemaTests.js'), await load('mandatoryTests.js')],
  '2.1': [await load('csaf_2_1/schemaTests.js'), await load('csaf_2_1/mandatoryTests.js')],
}
const optional = await load('optionalTests.js')
const WARNINGS = ['optionalTest_6_2_13', 'optionalTest_6_2_18', 'optionalTest_6_2_11']

const broken = new Map()
let documents = 0
const note = (name, document, error) => {
  const known = broken.get(name) ?? { count: 0, example: '' }
  known.count += 1
  known.example ||= `${document.document?.tracking?.id} ${error?.instancePath ?? ''} ${error?.message ?? ''}`
  broken.set(name, known)
}

for (const file of process.argv.slice(2)) {
  const lines = readline.createInterface({ input: fs.createReadStream(file) })
  for await (const line of lines) {
    const document = withoutOddScores(JSON.parse(line))
    documents += 1
    for (const tests of presets[document.document.csaf_version]) {
      for (const [name, test] of Object.entries(tests)) {
        if (typeof test !== 'function') continue
        const result = await test(document)
        if (result.isValid === false || result.errors?.length) {
          const cwe = document.vulnerabilities?.[0]?.cwe?.id ?? ''
          if (isOutdated(name, document)) continue
          if (name.endsWith('_6_1_11') && RENAMED.test(cwe)) {
            continue
          }
          note(name, document, result.errors?.[0])
        }
      }
    }
    if (document.document.csaf_version === '2.0') {
      for (const name of WARNINGS) {
        const result = await optional[name]?.(document)
        if (result?.warnings?.length) note(name, document, result.warnings[0])
      }
    }
  }
}
for (const [name, { count, example }] of broken) console.log(`${name}: ${count}, first ${example}`)
console.log(`${documents} CSAF documents, ${broken.size} kinds of faults (csaf-validator-lib)`)
process.exitCode = broken.size || !documents ? 1 : 0
