export { readCloudKeys, UplinkError, type CloudKeys, type PinnedKey } from './keys.js'
export { openLink, type Link, type LinkOptions } from './link.js'
export { openUplink, type UplinkOptions } from './uplink.js'
