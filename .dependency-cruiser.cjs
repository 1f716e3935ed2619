/** Import directions of docs/architecture.md. `scripts/tidy.ts` runs this together with its own checks. */
const edgeOrder = ['capture', 'vision', 'violations', 'incidents', 'evidence', 'uplink']
const cloudOrder = ['ingest', 'leads', 'cases', 'documents', 'delivery', 'portal']
const later = (order, index) => order.slice(index + 1).join('|')

module.exports = {
  forbidden: [
    {
      name: 'no-cycles',
      severity: 'error',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    { name: 'edge-not-cloud', severity: 'error', from: { path: '^edge/' }, to: { path: '^(cloud|cli|bench|models)/' } },
    { name: 'cloud-not-edge', severity: 'error', from: { path: '^cloud/' }, to: { path: '^(edge|cli|bench|models)/' } },
    {
      name: 'contracts-alone',
      severity: 'error',
      from: { path: '^contracts/' },
      to: { path: '^(edge|cloud|cli|bench|models|scripts)/' },
    },
    {
      name: 'base-is-pure',
      severity: 'error',
      from: { path: '^contracts/base/', pathNot: '\\.test\\.ts$|system-' },
      to: { dependencyTypes: ['core'] },
    },
    {
      name: 'cases-know-no-http-and-no-database',
      severity: 'error',
      from: { path: '^cloud/cases/', pathNot: '\\.test\\.ts$|-routes\\.ts$' },
      to: { path: 'node_modules/(fastify|better-sqlite3)/' },
    },
    {
      name: 'rules-are-pure',
      severity: 'error',
      from: { path: '^edge/(violations|incidents)/', pathNot: '\\.test\\.ts$' },
      to: { dependencyTypes: ['core'] },
    },
    {
      name: 'sql-only-in-store',
      severity: 'error',
      from: { path: '^(edge|cloud)/', pathNot: '^cloud/store/|^edge/evidence/chain[^/]*\\.ts$|\\.test\\.ts$' },
      to: { path: 'node_modules/better-sqlite3/', dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'one-file-of-fluent-ffmpeg',
      severity: 'error',
      from: { pathNot: '^edge/evidence/derivatives\\.ts$' },
      to: { path: 'node_modules/fluent-ffmpeg/' },
    },
    ...edgeOrder.map((station, index) => ({
      name: `edge-${station}-knows-nothing-after-it`,
      severity: 'error',
      from: { path: `^edge/${station}/`, pathNot: '\\.test\\.ts$' },
      to: { path: later(edgeOrder, index) ? `^edge/(${later(edgeOrder, index)})/` : '^$' },
    })),
    ...cloudOrder.map((station, index) => ({
      name: `cloud-${station}-knows-nothing-after-it`,
      severity: 'error',
      from: { path: `^cloud/${station}/`, pathNot: '\\.test\\.ts$' },
      to: { path: later(cloudOrder, index) ? `^cloud/(${later(cloudOrder, index)})/` : '^$' },
    })),
    {
      name: 'store-knows-no-station',
      severity: 'error',
      from: { path: '^cloud/(store|mqtt|accounts)/', pathNot: '\\.test\\.ts$' },
      to: {
        path: '^cloud/(ingest|leads|cases|documents|delivery|portal|console|api)/',
        dependencyTypesNot: ['type-only'],
      },
    },
  ],
  options: {
    tsPreCompilationDeps: true,
    doNotFollow: { path: 'node_modules' },
    tsConfig: { fileName: 'tsconfig.json' },
    exclude: { path: '^(dist|\\.tap)/' },
  },
}
