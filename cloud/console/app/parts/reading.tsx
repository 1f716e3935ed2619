import { useEffect, useState } from 'react'
import { useLook } from '../lib/look.js'
import type { Read } from '../lib/use-read.js'
import { ProblemBox } from './problem-box.js'

/** What stands on the page while nothing has been read: nothing for 150 ms, then a line; or why it cannot be read. */
export function Reading({ read }: { readonly read: Read<unknown> }) {
  const { say } = useLook()
  const [late, setLate] = useState(false)
  useEffect(() => {
    const timer = setTimeout(() => setLate(true), 150)
    return () => clearTimeout(timer)
  }, [])
  if (read.problem !== null)
    return (
      <ProblemBox problem={read.problem}>
        <button type="button" onClick={read.reload}>
          {say('any.retry')}
        </button>
      </ProblemBox>
    )
  return late ? (
    <p className="note" role="status">
      {say('any.loading')}
    </p>
  ) : null
}
