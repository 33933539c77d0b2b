import { Agent } from './agent.ts'
import type { FirstFormulaWeights } from './first-formula.ts'

/** Writes code. */
export class MagiAgent extends Agent {
  readonly name = 'magi'
  protected readonly formula: FirstFormulaWeights = {
    size: 0.2,
    indicatorWords: 0.5,
    structure: 0.3,
    indicators: new Set(
      (
        'algorithm optimize optimise concurrent concurrency async parallel distributed recursive ' +
        'recursion dynamic graph tree database architecture security performance thread scalable ' +
        'join subquery window complexity memoize'
      ).split(' '),
    ),
  }

  isComplexCode(text: string): boolean {
    return this.isAboveFirstThreshold(text)
  }
}
