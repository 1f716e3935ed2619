import { useKeys } from '../lib/keys.js'
import { useLook } from '../lib/look.js'
import type { TextKey } from '../texts.js'

const rows: readonly (readonly [keys: string, says: TextKey])[] = [
  ['␣', 'player.play'],
  [', .', 'player.frame'],
  ['⇧, ⇧.', 'key.second'],
  ['[ ]', 'key.windows'],
  ['S', 'player.speed'],
  ['1 2 3', 'key.stills'],
  ['B', 'player.box'],
  ['Z', 'player.zones'],
  ['X', 'key.zoom'],
  ['A', 'triage.accept'],
  ['R', 'triage.reject'],
  ['M', 'triage.merge'],
  ['N', 'triage.next'],
  ['U', 'triage.undo'],
  ['C', 'triage.again'],
  ['g t r c d f', 'key.go'],
  ['Esc', 'key.escape'],
]

interface KeysPanelProps {
  readonly keysOn: boolean
  readonly onKeysOn: (on: boolean) => void
  readonly onClose: () => void
}

/** All keys, docked beside the picture; they can be switched off (WCAG 2.1.4). */
export function KeysPanel({ keysOn, onKeysOn, onClose }: KeysPanelProps) {
  const { say } = useLook()
  useKeys({ Escape: onClose })
  return (
    <section className="card dock" aria-label={say('triage.keys')}>
      <h2 className="dock-head">
        <span>{say('triage.keys')}</span>
        <button type="button" onClick={onClose}>
          <kbd>Esc</kbd> {say('any.close')}
        </button>
      </h2>
      <dl className="keys">
        {rows.map(([keys, says]) => (
          <div key={keys}>
            <dt>
              <kbd>{keys}</kbd>
            </dt>
            <dd>{say(says)}</dd>
          </div>
        ))}
      </dl>
      <button type="button" onClick={() => onKeysOn(!keysOn)}>
        {say(keysOn ? 'triage.keysOff' : 'triage.keysOn')}
      </button>
    </section>
  )
}
