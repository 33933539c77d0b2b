export const tasksPerFrame = 84

/** The made-up story's own clock: five seconds a frame. */
export function storyTimeMs(frame: number): number {
  return Date.UTC(2026, 0, 15, 9, 30) + frame * 5_000
}
