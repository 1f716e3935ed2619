/** SIGTERM and SIGINT, or a call of `now`; a second signal ends the process at once. */
export function untilStopped(): { readonly asked: Promise<void>; readonly now: () => void } {
  let resolve: () => void = () => undefined
  const asked = new Promise<void>((done) => {
    resolve = done
  })
  let count = 0
  const onSignal = (): void => {
    count += 1
    if (count > 1) process.exit(130)
    resolve()
  }
  process.on('SIGTERM', onSignal)
  process.on('SIGINT', onSignal)
  return { asked, now: resolve }
}
