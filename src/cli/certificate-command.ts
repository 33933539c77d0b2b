import { verifyLedgerCertificates } from '../app.ts'
import type { CertificateCheck } from '../app.ts'

/** One line for each certificate; exit code 1 when one says more than the ledger shows. */
export async function verifyCertificatesCommand(options: { readonly json?: true }): Promise<void> {
  const checks = await verifyLedgerCertificates(process.env)
  if (checks.some(({ problems }) => problems.length > 0)) process.exitCode = 1
  if (options.json === true) {
    console.log(JSON.stringify(checks, null, 2))
    return
  }
  if (checks.length === 0) {
    console.log(
      'No certificate was opened. Set routing.policy to "certified" or cache.semantic.enabled to earn one.',
    )
    return
  }
  for (const check of checks) console.log(lineOf(check))
}

function lineOf({ terms, labels, threshold, delta, problems }: CertificateCheck): string {
  const checkpoint =
    terms.checkpoint === null ? '' : `, checkpoint ${terms.checkpoint.slice(0, 10)}`
  const about = `${terms.agent}${checkpoint}, certificate ${terms.epoch}`
  if (problems.length > 0) return `${about}: WRONG: ${problems.join('; ')}`
  if (threshold === null) return `${about}: nothing certified in ${labels} labels`
  const chance = `but for a chance of ${percent(delta)}`
  // A band of similarity has one threshold, which says nothing.
  return terms.thresholds.length === 1
    ? `${about}: open after ${labels} comparisons: at most ${percent(terms.alpha)} wrong, ${chance}`
    : `${about}: certified up to score ${threshold.toPrecision(4)} in ${labels} labels: at most ${percent(terms.alpha)} lost, ${chance}`
}

function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`
}
