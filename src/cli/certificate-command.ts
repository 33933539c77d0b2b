import { verifyLedgerCertificates } from '../app.ts'

/** One line for each certificate; exit code 1 when one says more than the ledger shows. */
export async function verifyCertificatesCommand(options: { readonly json?: true }): Promise<void> {
  const checks = await verifyLedgerCertificates(process.env)
  if (checks.some(({ problems }) => problems.length > 0)) process.exitCode = 1
  if (options.json === true) {
    console.log(JSON.stringify(checks, null, 2))
    return
  }
  if (checks.length === 0) {
    console.log('No certificate was opened. Set routing.policy to "certified" to earn one.')
    return
  }
  for (const { terms, labels, threshold, delta, problems } of checks) {
    const about = `${terms.agent}, checkpoint ${terms.checkpoint?.slice(0, 10) ?? 'none'}, certificate ${terms.epoch}`
    const shown =
      threshold === null
        ? `nothing certified in ${labels} labels`
        : `certified up to score ${threshold.toPrecision(4)} in ${labels} labels: at most ${(100 * terms.alpha).toFixed(1)} % lost, but for a chance of ${(100 * delta).toFixed(1)} %`
    console.log(`${about}: ${problems.length === 0 ? shown : `WRONG: ${problems.join('; ')}`}`)
  }
}
