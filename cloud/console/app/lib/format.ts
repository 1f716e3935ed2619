import type { Lang } from './look.js'
import { settings } from './settings.js'

const parts = (options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat =>
  new Intl.DateTimeFormat('en-GB', { timeZone: settings.tz, hourCycle: 'h23', ...options })
const clockFormat = parts({ hour: '2-digit', minute: '2-digit', second: '2-digit' })
const dayFormat = parts({ year: 'numeric', month: 'numeric', day: 'numeric' })
const weekdays = {
  zh: ['周日', '周一', '周二', '周三', '周四', '周五', '周六'],
  en: ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'],
} as const

/** `14:17:40` where people of the authority read clocks. */
export function clockText(at: string | number): string {
  return clockFormat.format(new Date(at))
}

const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']

/** `3 月 18 日（周三）`, `Wed 18 Mar`: never two numbers that could be read the other way round. */
export function dayText(at: string | number, lang: Lang): string {
  const [day = '', month = '', year = ''] = dayFormat.format(new Date(at)).split('/')
  const weekday = weekdays[lang][new Date(Date.UTC(Number(year), Number(month) - 1, Number(day))).getUTCDay()] ?? ''
  return lang === 'zh'
    ? `${Number(month)} 月 ${Number(day)} 日（${weekday}）`
    : `${weekday} ${Number(day)} ${months[Number(month) - 1] ?? ''}`
}

export function dayClockText(at: string | number, lang: Lang): string {
  return `${dayText(at, lang)} ${clockText(at)}`
}

/** First to last instant; the day only when it is not the same. */
export function spanText(from: string, to: string, lang: Lang): string {
  const same = dayText(from, lang) === dayText(to, lang)
  return `${clockText(from)} – ${same ? '' : `${dayText(to, lang)} `}${clockText(to)}`
}

/** `15 分 29 秒`, `15 min 29 s`. */
export function durationText(seconds: number, lang: Lang): string {
  const whole = Math.max(0, Math.round(seconds))
  const [h, m, s] = [Math.floor(whole / 3_600), Math.floor(whole / 60) % 60, whole % 60]
  const [hour, minute, second] = lang === 'zh' ? ['小时', '分', '秒'] : ['h', 'min', 's']
  if (h > 0) return m === 0 ? `${h} ${hour}` : `${h} ${hour} ${m} ${minute}`
  if (m > 0) return s === 0 ? `${m} ${minute}` : `${m} ${minute} ${s} ${second}`
  return `${s} ${second}`
}

/** `8:42` of a countdown. */
export function countdownText(ms: number): string {
  const whole = Math.max(0, Math.ceil(ms / 1_000))
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, '0')}`
}
