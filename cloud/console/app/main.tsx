import { createRoot } from 'react-dom/client'
import { LookProvider } from './lib/look.js'
import { Shell } from './shell.js'

const root = document.getElementById('root')
if (root === null) throw new Error('the page has no root')
createRoot(root).render(
  <LookProvider>
    <Shell />
  </LookProvider>,
)
