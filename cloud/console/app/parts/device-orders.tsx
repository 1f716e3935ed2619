import { useState } from 'react'
import type { DeviceOrderView, DeviceView, Problem } from '../contracts.js'
import { call, problemOf } from '../lib/api.js'
import { dayClockText } from '../lib/format.js'
import { useLook } from '../lib/look.js'
import { hasAny, useSession } from '../lib/session.js'
import { useLive } from '../lib/stream.js'
import { useRead } from '../lib/use-read.js'
import { isTextKey } from '../texts.js'
import { ProblemBox } from './problem-box.js'

type OrderBody = { readonly name: string; readonly cam?: string; readonly confirm?: string }
const shown = 5

/** What may be ordered of a box, and what became of each order with the box's own answer. */
export function DeviceOrders({ device }: { readonly device: DeviceView }) {
  const { say } = useLook()
  const { session } = useSession()
  const live = useLive()
  const read = useRead<{ items: DeviceOrderView[] }>(
    `/v1/devices/${device.id}/orders`,
    ({ kind, id }) => kind === 'device' && id === device.id,
  )
  const [asks, setAsks] = useState<'restart' | 'key.rotate' | null>(null)
  const [problem, setProblem] = useState<Problem | null>(null)
  const [busy, setBusy] = useState(false)
  const may = hasAny(session, ['technician']) && device.removed_at === null
  const off = !live.connected || busy
  const order = async (body: OrderBody): Promise<void> => {
    setBusy(true)
    setProblem(null)
    try {
      await call('POST', `/v1/devices/${device.id}/orders`, body)
      setAsks(null)
    } catch (error) {
      setProblem(problemOf(error))
    } finally {
      setBusy(false)
      read.reload()
    }
  }
  const orders = read.data?.items ?? []
  return (
    <section className="stack orders">
      <h3>{say('order.title')}</h3>
      {may ? (
        <div className="row">
          <button type="button" disabled={off} onClick={() => void order({ name: 'time.check' })}>
            {say('order.time.check')}
          </button>
          {device.cameras.map(({ cam }) => (
            <button key={cam} type="button" disabled={off} onClick={() => void order({ name: 'recapture', cam })}>
              {say('order.recapture')} {cam}
            </button>
          ))}
          {(['restart', 'key.rotate'] as const).map((name) => (
            <button
              key={name}
              type="button"
              disabled={off}
              aria-expanded={asks === name}
              onClick={() => setAsks(asks === name ? null : name)}
            >
              {say(`order.${name}`)}…
            </button>
          ))}
        </div>
      ) : (
        <p className="note">{say(device.removed_at === null ? 'order.technician' : 'order.removed')}</p>
      )}
      {!device.online && may && <p className="note">{say('order.offline')}</p>}
      {asks !== null && (
        <Confirm
          key={asks}
          device={device.id}
          name={asks}
          busy={off}
          onGo={() => void order({ name: asks, confirm: device.id })}
        />
      )}
      {problem !== null && <ProblemBox problem={problem} />}
      {orders.length === 0 ? (
        <p className="note">{say('order.none')}</p>
      ) : (
        <ol className="order-rows">
          {orders.slice(0, shown).map((one) => (
            <OrderRow key={one.cseq} order={one} />
          ))}
        </ol>
      )}
    </section>
  )
}

/** The id is typed by hand: a click alone stops no box and changes no key. */
function Confirm({
  device,
  name,
  busy,
  onGo,
}: {
  readonly device: string
  readonly name: 'restart' | 'key.rotate'
  readonly busy: boolean
  readonly onGo: () => void
}) {
  const { say } = useLook()
  const [typed, setTyped] = useState('')
  return (
    <form
      className="problem problem-warn stack"
      onSubmit={(event) => {
        event.preventDefault()
        if (typed === device) onGo()
      }}
    >
      <p>{say(`order.${name}.means`)}</p>
      <label className="field">
        <span>{say('order.type', { device })}</span>
        <input
          name="confirm"
          className="mono"
          autoComplete="off"
          spellCheck={false}
          value={typed}
          onChange={(event) => setTyped(event.target.value.trim())}
        />
      </label>
      <div className="row">
        <button type="submit" disabled={busy || typed !== device}>
          {say(`order.${name}.go`)}
        </button>
      </div>
    </form>
  )
}

const signs = { queued: '…', ok: '✓', refused: '✕', failed: '✕', expired: '○' } as const

function OrderRow({ order }: { readonly order: DeviceOrderView }) {
  const { say, of, lang } = useLook()
  const key = `order.${order.name}`
  const { cam } = order.args
  return (
    <li>
      <strong>
        <span aria-hidden="true">{signs[order.state]} </span>
        {isTextKey(key) ? say(key) : order.name} {typeof cam === 'string' && cam}
      </strong>{' '}
      <span className="note">
        {say('order.by', { by: order.by, at: dayClockText(order.made_at, lang) })}
        {order.done_at !== null && ` · ${say('order.answered', { at: dayClockText(order.done_at, lang) })}`}
      </span>
      <p>{of(order.says)}</p>
    </li>
  )
}
