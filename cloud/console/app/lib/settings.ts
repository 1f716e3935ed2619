/** What the server put into the page's head. */
export interface Settings {
  readonly demo: boolean
  readonly publicUrl: string
  readonly budgetPerHour: number
  /** Time zone in which people read times. */
  readonly tz: string
  readonly authority: { readonly zh: string; readonly en: string }
  readonly hotline: string
}

export const settings = JSON.parse(
  document.querySelector('meta[name=kerbwatch-settings]')?.getAttribute('content') ?? '{}',
) as Settings
