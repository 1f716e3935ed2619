export {
  dayText,
  noticeData,
  noticeParagraphs,
  noticeStillsMax,
  numberText,
  spanText,
  timeSentence,
  timeText,
  yearOf,
  type Lang,
  type NoticeData,
  type NoticeInput,
} from './notice.js'
export { loadPolicy, parsePolicy, PolicyError, type Policy, type PolicyText } from './policy.js'
