import classes from './header.module.css'

/** Shown whenever the frontier is simulated: nobody must take these figures for real ones. */
export function SimulatedNotice() {
  return (
    <div className={classes.simulated} role="note" aria-label="Simulated">
      <span className={classes.simulatedBadge}>Simulated</span>
      <span>
        <strong>The frontier’s answers and the tasks on this page are simulated.</strong> No
        provider is called and no money is spent. Routing, recording, training, the gate and the
        local model are real. Set <code>OPENROUTER_API_KEY</code> and restart for real traffic.
      </span>
    </div>
  )
}
