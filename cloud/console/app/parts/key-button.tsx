import type { ButtonHTMLAttributes } from 'react'

type KeyButtonProps = ButtonHTMLAttributes<HTMLButtonElement> & { readonly keys?: string }

/** A button with the key that does the same. */
export function KeyButton({ keys, children, ...rest }: KeyButtonProps) {
  return (
    <button type="button" {...rest}>
      {keys !== undefined && <kbd>{keys}</kbd>}
      {children}
    </button>
  )
}
