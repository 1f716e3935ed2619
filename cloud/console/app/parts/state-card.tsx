import type { ReactNode } from 'react'

interface StateCardProps {
  /** Drawn large; a word stands beside it always. */
  readonly sign: string
  readonly title: string
  readonly words: string
  readonly children?: ReactNode
}

/** Empty, gone, denied: what happened and what can be done (picture 10). */
export function StateCard({ sign, title, words, children }: StateCardProps) {
  return (
    <section className="state card">
      <h1>
        <span aria-hidden="true" className="state-sign">
          {sign}
        </span>
        {title}
      </h1>
      <p>{words}</p>
      {children !== undefined && <div className="row">{children}</div>}
    </section>
  )
}
