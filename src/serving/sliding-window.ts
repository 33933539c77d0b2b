const slotMs = 1000
const slotsInWindow = 60
/** One more than the window: an amount leaves only when its whole slot is older than a minute. */
const slotCount = slotsInWindow + 1

/**
 * Counts what was used in the last minute, in slots of a second, so that no span of 60 s ever holds
 * more than was let in; what was used frees itself at most a second late. Its size is fixed.
 */
export class SlidingWindow {
  readonly #slots = new Float64Array(slotCount)
  #newest = 0
  #used = 0

  used(nowMs: number): number {
    this.#advance(nowMs)
    return this.#used
  }

  add(nowMs: number, amount: number): void {
    this.#advance(nowMs)
    this.#put(this.#newest, amount)
  }

  /** Gives back what was added at `takenAtMs`, unless it has left the window by itself. */
  giveBack(nowMs: number, takenAtMs: number, amount: number): void {
    this.#advance(nowMs)
    const slot = Math.floor(takenAtMs / slotMs)
    if (slot <= this.#newest - slotCount) return
    this.#put(Math.min(slot, this.#newest), -amount)
  }

  /** How long until at most `amount` is used; 0 when that is so now. */
  untilUsedAtMostMs(nowMs: number, amount: number): number {
    this.#advance(nowMs)
    let left = this.#used
    for (let slot = this.#newest - slotsInWindow; slot <= this.#newest; slot += 1) {
      if (left <= amount) return Math.max(0, (slot - 1 + slotCount) * slotMs - nowMs)
      left -= this.#at(slot)
    }
    return Math.max(0, (this.#newest + slotCount) * slotMs - nowMs)
  }

  #put(slot: number, amount: number): void {
    const index = slot % slotCount
    this.#slots[index] = (this.#slots[index] ?? 0) + amount
    this.#used += amount
  }

  #at(slot: number): number {
    return slot < 0 ? 0 : (this.#slots[slot % slotCount] ?? 0)
  }

  /** A clock that is set back leaves the window where it is. */
  #advance(nowMs: number): void {
    const slot = Math.floor(nowMs / slotMs)
    if (slot <= this.#newest) return
    const passed = Math.min(slot - this.#newest, slotCount)
    for (let step = 1; step <= passed; step += 1) {
      const index = (this.#newest + step) % slotCount
      this.#used -= this.#slots[index] ?? 0
      this.#slots[index] = 0
    }
    // A gap longer than the window left slots where their numbers no longer say.
    if (slot - this.#newest > slotCount) this.#slots.fill(0)
    this.#newest = slot
  }
}
