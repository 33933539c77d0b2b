import type { FastifyRequest } from 'fastify'
import { z } from 'zod'
import { agentNames, isAgentName } from '../kernel/agent-name.ts'
import { TargetSetting } from '../village/planning/target-setting.ts'
import { invalidRequest } from './api-error.ts'
import type { AgentTarget } from './contract.ts'
import { parseWithSchema } from './parse-with-schema.ts'
import { RequestProblem } from './request-problem.ts'
import type { RouteContext } from './route-context.ts'

/** One of: `alpha` with or without `delta`, `budget_usd_per_day`, `latency_ms`. */
export const TargetBody = z.strictObject({
  alpha: z.number().optional(),
  delta: z.number().optional(),
  budget_usd_per_day: z.number().optional(),
  latency_ms: z.number().optional(),
})

/** `POST /village/targets/{agent}`: what the agent's routing is to reach from now on. */
export async function setTarget(
  { targets }: RouteContext,
  request: FastifyRequest,
): Promise<AgentTarget> {
  const { agent } = request.params as { readonly agent: string }
  if (!isAgentName(agent)) {
    throw new RequestProblem(
      invalidRequest(`There is no agent "${agent.slice(0, 64)}", only ${agentNames.join(', ')}.`, {
        status: 404,
        param: 'agent',
        code: 'agent_not_found',
      }),
    )
  }
  const { alpha, delta, ...named } = parseWithSchema(TargetBody, request.body)
  const target = parseWithSchema(TargetSetting, {
    alpha,
    delta,
    budgetUsdPerDay: named.budget_usd_per_day,
    latencyMs: named.latency_ms,
  })
  if (targets !== null) return targets.set(agent, target)
  throw new RequestProblem(
    invalidRequest('The targets of this village cannot be changed.', { status: 501 }),
  )
}
