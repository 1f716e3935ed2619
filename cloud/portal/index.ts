export { escapeHtml, html, Html } from './html.js'
export {
  makePartyCopies,
  makePartyCopy,
  PartyCopyError,
  pixelateFilter,
  sharpPart,
  type PartyCopies,
  type PartyCopiesDeps,
} from './party-copy.js'
export { portalCsp, portalRoutes } from './routes.js'
export type { PortalDeps } from './visit.js'
export { logLook, readRange, sendFile } from './send-file.js'
export { portalCss, portalCssVersion } from './style.js'
