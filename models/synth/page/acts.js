/** The scripts: what happens in each clip, in seconds and metres. With `spec.twin` the act is left out, all else is the same. */
import { Walker } from './actors.js'
import { makeFlames } from './flame.js'
import { makeDebris } from './goods.js'
import { Mesher } from './mesher.js'
import { makePlume } from './plume.js'
import { clamp, makeRng, smooth } from './rng.js'
import { addCrate } from './goods.js'
import { makeGrill, makeHandcart, makeStall, makeUmbrella } from './stalls.js'
import { KERB_M } from './street.js'
import { light } from './surface.js'
import { makeCar, makeTricycle, makeTruck } from './vehicles.js'
import { block, strip } from './zones.js'

const zone = (id, kind, polygon, more = {}) => ({ id, kind, polygon, schedule: null, ...more })

const walkZone = (c, side, kind, id, { kerb = 0, z0 = -34 } = {}) => {
  const { edge, wall } = c.street
  const [a, b] = side > 0 ? [edge - kerb, wall] : [-wall, -edge + kerb]
  return zone(id, kind, strip(c.camera, a, b, z0, c.camera.position.z - 4.5, KERB_M))
}
const roadZone = (c, z0 = -38) =>
  zone('road', 'carriageway', strip(c.camera, -c.street.edge + 0.1, c.street.edge - 0.1, z0, c.camera.position.z - 4.5))

/** A vendor arrives at `at` = [x, z], sets up umbrella and crates, trades. Times from `t0`. */
function vendor(c, { at, t0, side, cart = false }) {
  const { k, tex, moving, spec } = c
  const rng = c.rng.act
  const [x, z] = at
  const seed = rng.int(1, 1e6)
  const kerbX = side * (c.street.edge - 1.0)
  // People buy on the shop side; the vendor stands at the kerb.
  const out = side
  const wear = { hat: '#d9c48a', apron: true }
  const vehicle = cart
    ? makeStall(k, tex, rng, 'cart')
    : makeTricycle(k, tex, makeRng(seed), { load: 'fruit', driver: false })
  const rider = cart ? null : makeTricycle(k, tex, makeRng(seed), { load: 'fruit', driver: true })
  const umbrella = makeUmbrella(k, tex, rng)
  const stool = new Mesher().tube(k.dirty, '#b5262a', 0.2, 0.17, 0.34, [0, 0.17, 0]).build()
  const crates = [0, 1, 2].map((i) => {
    const m = new Mesher()
    for (const j of [0, 1]) addCrate(m, k, tex, rng, [0, 0, j * 0.44], [0.56, 0.42])
    const g = m.build()
    g.userData.place = [x + out * (0.95 + 0.0 * i), z - 0.9 + i * 0.75]
    g.userData.when = t0 + 8 + i * 3.2
    return g
  })
  const arrive = t0 + 2.4
  const startZ = spec.from_behind ? 14 : -46
  // The vehicle's way: along the kerb lane, up the ramp, to its place.
  const way = (t) => {
    const u = clamp((t - (t0 - 7)) / (arrive - (t0 - 7)), 0, 1)
    const e = 1 - (1 - u) ** 1.6
    const turn = smooth(0.72, 1, e)
    return { x: kerbX + (x - kerbX) * turn, z: startZ + (z - startZ) * e, y: KERB_M * smooth(0.82, 0.9, e), u }
  }
  const front = x + out * 1.9
  const back = x - out * 0.95
  const v = new Walker(
    moving,
    k,
    makeRng(seed + 5),
    cart
      ? [
          [t0 - 7, kerbX, startZ - 1.2, 'push'],
          [arrive, x, z - (startZ < z ? 1.1 : -1.1), 'stand'],
          [t0 + 4, back, z - 0.4, 'work', (out * Math.PI) / 2],
        ]
      : [
          [arrive + 0.8, x + 0.1, z + 0.4, 'stand'],
          [arrive + 1.6, back, z + 0.3, 'work', (out * Math.PI) / 2],
        ],
    wear,
  )
  const last = v.keys[v.keys.length - 1]
  for (const crate of crates) {
    const w = crate.userData.when
    const [cx, cz] = crate.userData.place
    v.keys.push(
      [w - 1.8, last[1], last[2], 'work', (out * Math.PI) / 2],
      [w - 0.2, cx + out * 0.55, cz + 0.2, 'work', (-out * Math.PI) / 2],
      [w + 0.5, cx + out * 0.55, cz + 0.2, 'work', (-out * Math.PI) / 2],
    )
    v.keys.push([w + 1.3, last[1], last[2], 'work', (out * Math.PI) / 2])
  }
  const calls = [t0 + 17, t0 + 25, t0 + 34]
  const guests = calls
    .filter((t) => t < spec.seconds - 4)
    .map((t, i) => {
      const wx = side * (c.street.edge + c.street.walk * 0.8)
      const gx = front + out * 0.35
      const dir = i % 2 ? 1 : -1
      const [s, e] = [z + dir * 22, z - dir * 22]
      return new Walker(moving, k, makeRng(seed + 20 + i), [
        [t - 17, wx, s],
        [t - 1.8, wx, z + dir * 2.2],
        [t, gx, z - 0.7 + i * 0.5, 'work', (-out * Math.PI) / 2],
        [t + 8 + i * 2, gx, z - 0.7 + i * 0.5, 'stand'],
        [t + 10 + i * 2, wx, z - dir * 2],
        [t + 26 + i * 2, wx, e, 'gone'],
      ])
    })
  const people = spec.twin ? guests : [v, ...guests]
  if (spec.twin)
    for (const g of guests)
      g.keys = [g.keys[0], [g.keys[g.keys.length - 1][0] - 8, ...g.keys[g.keys.length - 1].slice(1)]]
  if (spec.twin) {
    moving.remove(v.o)
  } else
    for (const o of [vehicle, rider, umbrella, ...crates, stool].filter(Boolean)) {
      o.visible = false
      moving.add(o)
    }
  umbrella.position.set(back + out * 0.35, KERB_M, z - 0.6)
  stool.position.set(back - out * 0.5, KERB_M, z + 0.9)
  const open = t0 + 5.4
  return {
    step(t, dt) {
      for (const p of people) p.step(t, dt)
      if (spec.twin) return
      const p = way(t)
      const here = t >= t0 - 7
      const riding = rider && t < arrive + 0.8
      vehicle.visible = here && !riding
      if (rider) rider.visible = here && Boolean(riding)
      const q = way(t + 0.12)
      const heading = p.u < 0.999 ? Math.atan2(q.x - p.x, q.z - p.z) : vehicle.rotation.y
      for (const o of [vehicle, rider].filter(Boolean)) {
        o.position.set(p.x, p.y, p.z)
        o.rotation.y =
          cart && p.u >= 0.999
            ? out * (Math.PI / 2) * smooth(arrive, arrive + 2, t) + (1 - smooth(arrive, arrive + 2, t)) * heading
            : heading
      }
      umbrella.visible = t > open - 1.6
      const s = smooth(open - 0.2, open + 1.2, t)
      umbrella.scale.set(0.12 + 0.88 * s, 0.9 + 0.1 * s, 0.12 + 0.88 * s)
      umbrella.rotation.z = 0.7 * (1 - smooth(open - 1.6, open - 0.3, t))
      stool.visible = t > t0 + 7
      for (const g of crates) {
        const w = g.userData.when
        g.visible = t > w - 1.7
        const carried = t < w
        if (carried)
          g.position.set(
            v.o.position.x + Math.sin(v.o.rotation.y) * 0.4,
            KERB_M + 0.75,
            v.o.position.z + Math.cos(v.o.rotation.y) * 0.4,
          )
        else g.position.set(g.userData.place[0], KERB_M, g.userData.place[1])
        g.rotation.y = carried ? v.o.rotation.y : 0
      }
      if (t > arrive)
        c.cover([vehicle, ...(t > open + 1.3 ? [umbrella, v.o] : []), ...crates.filter((g) => t > g.userData.when)])
    },
    event: { cause: 'vending', from_s: arrive },
  }
}

const place = (c, side, z, off = 1.7) => [side * (c.street.edge + off), z]

/** A worker who stands and moves a little. */
const stander = (c, seed, x, z, t0, t1, yaw, pose = 'stand', wear = {}, from = null, ground = KERB_M) =>
  new Walker(
    c.moving,
    c.k,
    makeRng(seed),
    from
      ? [
          [t0 - 12, from[0], from[1]],
          [t0, x, z, pose, yaw],
          [t1, x, z],
          [t1 + 14, from[0], from[1], 'gone'],
        ]
      : [
          [t0, x, z, pose, yaw],
          [t1, x, z, 'gone'],
        ],
    wear,
    ground,
  )

export const ACTS = {
  vending(c) {
    const side = c.spec.side ?? 1
    const a = vendor(c, { at: place(c, side, c.spec.z ?? -9), t0: c.spec.t0 ?? 14, side, cart: c.spec.cart })
    return { ...a, zones: [walkZone(c, side, 'no_vending', 'walk', { kerb: 0.6 })] }
  },

  permitted(c) {
    const side = c.spec.side ?? 1
    const z = c.spec.z ?? -9
    const a = vendor(c, { at: place(c, side, z), t0: c.spec.t0 ?? 14, side, cart: c.spec.cart })
    const { edge, wall } = c.street
    const [x0, x1] = side > 0 ? [edge - 0.9, wall - 0.2] : [-wall + 0.2, -edge + 0.9]
    return {
      ...a,
      event: null,
      zones: [
        walkZone(c, side, 'no_vending', 'walk', { kerb: 0.6 }),
        // The holder's place, drawn as tall as the stall in the picture, for boxes are upright.
        zone('place', 'permitted_stall', block(c.camera, x0, x1, z - 3.6, z + 3.2, 2.5), {
          holder_ref: 'TD-0012',
          schedule: c.spec.schedule,
        }),
      ],
    }
  },

  parked(c) {
    const { k, tex, moving, street, spec } = c
    const rng = c.rng.act
    const side = 1
    const kerbX = street.edge - 1.15
    const zt = -13
    const seed = rng.int(1, 1e6)
    const van = makeTricycle(k, tex, makeRng(seed), { load: 'boxes', driver: false })
    const rider = makeTricycle(k, tex, makeRng(seed), { load: 'boxes', driver: true })
    const car = makeCar(k, rng)
    const [ta, tl] = [15, 36]
    const courier = new Walker(
      moving,
      k,
      makeRng(seed + 4),
      [
        [ta + 0.8, kerbX + 0.9, zt, 'work', Math.PI],
        [ta + 4, kerbX + 0.9, zt - 1],
        [ta + 8, street.wall - 0.6, zt - 2.5, 'stand', Math.PI / 2],
        [ta + 14, street.wall - 0.6, zt - 2.5],
        [tl - 1, kerbX + 0.9, zt, 'gone'],
      ],
      { vest: '#1f7fd0' },
    )
    const stop = [
      [-16.5, 8, 58],
      [-17.4, 3, 52],
      [-18.2, 12, 58],
    ].map(([z, t0], i) =>
      stander(
        c,
        seed + 30 + i,
        street.edge + 1.0 + 0.35 * (i % 2),
        z,
        t0 + 6,
        spec.seconds + 5,
        -Math.PI / 2 + (i - 1) * 0.5,
        'stand',
        {},
        [street.edge + street.walk * 0.6, z - 18],
      ),
    )
    for (const o of [van, rider, car]) moving.add(o)
    c.extraHeads.push(car)
    const drive = (t, t0, stopAt, x, from, leave) => {
      const come = clamp((t - t0) / (stopAt - t0), 0, 1)
      let z = from + (zt - from) * (1 - (1 - come) ** 1.7)
      if (leave && t > leave) z -= 0.6 * (t - leave) ** 2 + 0.4 * (t - leave)
      return z
    }
    const tc = 22
    return {
      zones: [walkZone(c, side, 'no_vending', 'walk', { kerb: 2.3 })],
      avoid: [
        [zt, -1.5, 1, ta - 4, tl + 4],
        [-5, -1.7, 1, tc - 3],
      ],
      step(t, dt) {
        for (const p of [courier, ...stop]) p.step(t, dt)
        const riding = t < ta + 0.8 || t > tl - 1
        for (const o of [van, rider]) {
          o.position.set(kerbX + 0.3, 0, drive(t, ta - 7, ta, kerbX, 16, tl))
          o.rotation.y = Math.PI
        }
        rider.visible = riding && t > ta - 7 && t < tl + 12
        van.visible = !riding
        const u = clamp((t - tc + 6) / 7, 0, 1)
        car.visible = t > tc - 6
        car.position.set(street.edge - 1.15 - 2.2 * smooth(1, 0.55, u), 0, 18 + (-4.5 - 18) * (1 - (1 - u) ** 1.8))
        car.rotation.y = Math.PI - 0.18 * smooth(0.4, 0.7, u) * smooth(1, 0.75, u)
      },
    }
  },

  grilling(c) {
    const { k, tex, moving, veils, spec, street } = c
    const rng = c.rng.act
    const side = spec.side ?? 1
    const [x, z] = place(c, side, spec.z ?? -9, 1.9)
    const out = side
    const t0 = spec.t0 ?? 14
    const seed = rng.int(1, 1e6)
    const grill = makeGrill(k, tex, rng)
    const cart = makeHandcart(k, tex, rng, 'boxes')
    const yaw = (out * Math.PI) / 2
    const smoke = makePlume(tex, rng, {
      kind: 'smoke',
      at: [x, KERB_M + grill.userData.top + 0.05, z],
      rate: spec.rate ?? 34,
      wind: spec.wind ?? [out * 0.25, -0.28],
      thick: spec.thick ?? 1,
      area: [0.16, 0.5],
    })
    const flames = makeFlames(
      veils,
      tex,
      rng,
      [x, KERB_M + grill.userData.top, z],
      1.1,
      yaw,
      spec.light === 'dusk' ? 2.2 : 3.2,
    )
    const startZ = -44
    const kerbX = side * (street.edge + 0.7)
    const cook = new Walker(
      moving,
      k,
      makeRng(seed),
      [
        [t0 - 30, kerbX, startZ, 'push'],
        [t0 - 2, x + 0.3, z - 1.9, 'push'],
        [t0 - 0.4, x - out * 0.85, z, 'work', yaw],
      ],
      { apron: true, hat: '#e8e6df' },
    )
    const guests = [0, 1, 2].map((i) =>
      stander(
        c,
        seed + 9 + i,
        x + out * (1.0 + 0.2 * i),
        z + [-0.5, 0.35, 1.3][i],
        t0 + 12 + i * 5,
        spec.seconds + 9,
        -yaw,
        i === 2 ? 'sit' : 'stand',
        {},
        [side * (street.edge + street.walk * 0.75), z + (i % 2 ? 19 : -19)],
      ),
    )
    veils.add(smoke.mesh)
    const set = []
    if (!spec.twin) {
      for (const o of [grill, cart]) moving.add(o)
      set.push(cook, ...guests)
    } else for (const w of [cook, ...guests]) moving.remove(w.o)
    const start = t0 + 3
    let power = 0
    return {
      zones: [
        walkZone(c, side, 'no_grilling', 'walk', { kerb: 1.0 }),
        walkZone(c, side, 'no_vending', 'vend', { kerb: 0.6 }),
      ].slice(0, spec.both ? 2 : 1),
      event: { cause: spec.both ? ['grilling', 'vending'] : 'grilling', from_s: start },
      step(t, dt) {
        if (spec.twin) {
          smoke.draw(c.view)
          flames.step(t, 0)
          return
        }
        for (const p of set) p.step(t, dt)
        const push = clamp((t - (t0 - 30)) / 28, 0, 1)
        cart.visible = t > t0 - 30
        cart.position.set(kerbX + (x + 0.3 - kerbX) * push, KERB_M, startZ + 1.3 + (z - 1.9 - startZ) * push)
        cart.rotation.y = push < 1 ? 0 : 0.25 * smooth(t0 - 2, t0 - 1, t)
        const down = smooth(t0 - 0.9, t0, t)
        grill.visible = t > t0 - 30
        grill.position.set(
          cart.position.x + (x - cart.position.x) * down,
          KERB_M + 0.42 * (1 - down),
          cart.position.z + (z - cart.position.z) * down,
        )
        grill.rotation.y = yaw * down + (1 - down) * 0.1
        const on = smooth(start, start + 4, t)
        power = flames.step(t, on * (0.7 + 0.4 * Math.sin(t * 0.5)))
        smoke.step(dt, t < start ? 0 : 0.35 + 0.65 * on * (0.75 + 0.35 * Math.sin(t * 0.37) + 0.2 * Math.sin(t * 1.3)))
        smoke.draw(c.view, (spec.light === 'dusk' ? 0.8 : 0.25) * power)
        // The act is the grill, its cart and the smoke while it is still dense: up to 2 m aside and 3.2 m up.
        const e = t > start + 3 ? smoke.extent() : null
        const near = (v, o) => clamp(v, o - 2, o + 2)
        if (t > t0)
          c.cover(
            [grill, cart],
            e
              ? [
                  [near(e[0][0], x), 0.8, near(e[0][2], z)],
                  [near(e[1][0], x), Math.min(3.2, e[1][1]), near(e[0][2], z)],
                  [near(e[1][0], x), 0.8, near(e[1][2], z)],
                ]
              : [],
          )
      },
    }
  },

  steam(c) {
    const { tex, veils, spec, street, moving, k } = c
    const rng = c.rng.act
    const hole = makePlume(tex, rng, {
      kind: 'steam',
      at: [street.edge + 0.9, KERB_M + 0.02, spec.z ?? -9],
      rate: 46,
      wind: [-0.16, -0.1],
      thick: 1.4,
      area: [0.2, 0.2],
    })
    const vent = makePlume(tex, rng, {
      kind: 'steam',
      at: [street.wall - 0.35, 2.3, -17],
      rate: 34,
      wind: [-0.55, -0.05],
      thick: 1.4,
      area: [0.1, 0.25],
    })
    new Mesher()
      .tube(k.metal, '#4a4a48', 0.36, 0.36, 0.012, [0, 0.012, 0], [0, 0, 0], 16)
      .build(moving)
      .children.at(-1)
      .position.set(street.edge + 0.9, KERB_M, spec.z ?? -9)
    for (const p of [hole, vent]) veils.add(p.mesh)
    return {
      zones: [walkZone(c, 1, 'no_grilling', 'walk', { kerb: 1.0 })],
      step(t, dt) {
        hole.step(dt, t > 8 ? 0.55 + 0.45 * Math.sin(t * 0.8) : 0)
        vent.step(dt, t > 13 && t < 44 ? 0.8 + 0.2 * Math.sin(t) : 0)
        hole.draw(c.view)
        vent.draw(c.view)
      },
    }
  },

  spillage(c) {
    const { k, tex, moving, spec, street } = c
    const rng = c.rng.act
    const what = spec.what ?? 'sand'
    const x = street.road * 0.37
    const z = spec.z ?? -11
    const t0 = spec.t0 ?? 15
    const truck = makeTruck(k, tex, rng, { kind: what === 'sand' ? 'dump' : 'flat', load: true })
    moving.add(truck)
    const heaps =
      what === 'sand'
        ? [
            [0, 0, 1.35],
            [0.3, -3.0, 0.85],
            [-0.25, -5.4, 0.6],
          ]
        : [
            [0, 0, 0.9],
            [0.4, -3.2, 0.6],
          ]
    const items = heaps.map(([dx, dz, s]) => {
      const o = makeDebris(what === 'sand' ? { ...k, soil: k.sand, rubble: k.sand } : k, tex, rng, what, s)
      o.position.set(x + dx, 0, z + dz)
      o.userData.when = t0 + -dz / 7.5
      return o
    })
    if (!spec.twin) for (const o of items) moving.add(o)
    const dust = makePlume(tex, rng, {
      kind: 'dust',
      at: [x, 0.3, z],
      rate: 22,
      wind: [0.1, -0.9],
      thick: 0.5,
      area: [0.7, 0.4],
    })
    c.veils.add(dust.mesh)
    c.extraHeads.push(truck)
    return {
      zones: [roadZone(c)],
      avoid: [[z - 1.5, -street.road * 0.19, 1, t0 - 1]],
      event: { cause: 'spillage', from_s: t0 },
      step(t, dt) {
        const s = t - t0
        const zz = z - 4.6 - 7.5 * s
        truck.visible = zz < 18 && zz > -120
        truck.position.set(x - 0.1, 0.012 * Math.sin(t * 8), zz)
        truck.rotation.y = Math.PI
        if (!spec.twin) {
          for (const o of items) {
            const u = t - o.userData.when
            o.visible = u > 0
            const fall = clamp(u / 0.55, 0, 1)
            o.position.y = what === 'sand' ? 0 : 1.2 * (1 - fall * fall)
            o.scale.setScalar(what === 'sand' ? 0.35 + 0.65 * smooth(0, 0.9, u) : 1)
            if (u > 0.8) c.cover([o])
          }
          dust.source[2] = zz + 3.6
          dust.step(dt, s > 0 && s < 0.9 && what === 'sand' ? 1 : 0)
        }
        dust.draw(c.view)
      },
    }
  },

  stopped(c) {
    const { k, tex, moving, street } = c
    const rng = c.rng.act
    const x = street.road * 0.37
    const z = -13
    const truck = makeTruck(k, tex, rng, { kind: 'box' })
    const driver = new Walker(
      moving,
      k,
      makeRng(88),
      [
        [20, x + 1.8, z - 3, 'stand', 0],
        [21, x + 1.8, z - 2],
        [24, x + 1.8, z + 4.6, 'work', Math.PI],
        [36, x + 1.8, z + 4.6],
        [40, x + 1.8, z - 3, 'gone'],
      ],
      { vest: '#d86a1e' },
      0,
    )
    moving.add(truck)
    // A puddle: dark, flat, smooth; it has been there all the time, the road beside it dries.
    const wet = new Mesher()
      .card(k.contact, '#0a0c10', 3.2, 1.7, [-street.road * 0.2, 0.016, -10], [-Math.PI / 2, 0, 0.4])
      .card(k.contact, '#0a0c10', 2.2, 1.1, [-street.road * 0.2 + 0.8, 0.017, -10.8], [-Math.PI / 2, 0, 0.9])
      .build()
    c.street.scene.add(wet)
    c.extraHeads.push(truck)
    const [ta, tl] = [16, 46]
    return {
      zones: [roadZone(c)],
      avoid: [[z, -street.road * 0.235, 1, ta - 6, tl + 5]],
      step(t, dt) {
        driver.step(t, dt)
        const come = clamp((t - ta + 7) / 7, 0, 1)
        let zz = 22 + (z - 22) * (1 - (1 - come) ** 1.9)
        if (t > tl) zz -= 0.55 * (t - tl) ** 2
        truck.visible = t > ta - 7 && zz > -120
        truck.position.set(x, 0, zz)
        truck.rotation.y = Math.PI
      },
    }
  },

  shadow(c) {
    return {
      zones: [roadZone(c), walkZone(c, 1, 'no_vending', 'walk')],
      step(t) {
        light.uCloud.value.set(-48 + 1.15 * Math.max(0, t - 8), 6.5, 0.35, 0.72 * smooth(8, 10, t))
      },
    }
  },

  dust(c) {
    const { k, tex, moving, veils, spec, street, camera } = c
    const rng = c.rng.act
    const [z0, z1] = [-46, -12]
    const x0 = street.wall
    const still = new Mesher()
    still.box(k.soil, '#fff', [90, 0.1, 130], [x0 + 45.05, 0.04, -40], [0, 0, 0], 4)
    for (let i = 0; i < 14; i++)
      still.box(
        k.dirty,
        rng.pick(['#8d8a80', '#a59a86', '#7a6f60']),
        [rng.range(1, 6), rng.range(0.1, 0.5), rng.range(1, 6)],
        [x0 + rng.range(4, 45), 0.1, rng.range(-80, 2)],
        [0, rng.range(0, 3), 0],
      )
    for (let z = z0; z < z1; z += 2.5)
      if (z < -27 || z > -21) {
        still.box(k.metal, rng.pick(['#2f6ea8', '#2d6aa2', '#2a66a0']), [0.06, 2.0, 2.46], [x0, 1.1, z + 1.25])
        for (let i = 0; i < 8; i++) still.box(k.metal, '#245a8e', [0.03, 2.0, 0.1], [x0 - 0.05, 1.1, z + 0.2 + i * 0.3])
        still.tube(k.metal, '#8d8f90', 0.05, 0.05, 2.3, [x0, 1.15, z], [0, 0, 0], 6)
      }
    for (const z of [z0, z1])
      for (let x = x0; x < x0 + 40; x += 2.5) still.box(k.metal, '#2d6aa2', [2.46, 2.0, 0.06], [x + 1.25, 1.1, z])
    still.build(c.street.scene)
    const pile = makeDebris(k, tex, makeRng(5), 'sand', 5.2)
    pile.position.set(x0 + 12, 0, -33)
    c.street.scene.add(pile)
    const digger = new Mesher()
    digger
      .box(k.dirty, '#2a2a2a', [2.6, 0.8, 3.4], [0, 0.4, 0])
      .box(k.paint, '#d8a11c', [2.3, 1.3, 2.6], [0, 1.6, -0.3])
      .box(k.glass, '#1a1e20', [1.1, 1.2, 1.3], [-0.55, 2.5, 0.5])
      .box(k.paint, '#d8a11c', [1.2, 0.1, 1.5], [-0.55, 3.15, 0.5])
    const body = digger.build()
    const boom = new Mesher()
      .box(k.paint, '#d8a11c', [0.4, 0.5, 3.6], [0.3, 1.1, 1.6], [-0.7, 0, 0])
      .box(k.paint, '#c8931a', [0.3, 0.4, 2.6], [0.3, 1.4, 3.5], [0.75, 0, 0])
      .box(k.dirty, '#3a3632', [0.9, 0.7, 0.7], [0.3, 0.5, 4.3])
      .build()
    boom.position.y = 1.6
    body.add(boom)
    body.position.set(x0 + 6.5, 0.1, -29)
    const dump = makeTruck(k, tex, rng, { kind: 'dump', load: true })
    dump.position.set(x0 + 5, 0.1, -19)
    dump.rotation.y = 0.35
    moving.add(body, dump)
    const men = [
      stander(c, 71, x0 + 3.5, -24, -20, 99, 1, 'work', { vest: '#e0621c', hat: '#e8c21c' }, null, 0.1),
      stander(c, 72, x0 + 8, -23, -20, 99, 3, 'stand', { vest: '#e0621c', hat: '#e8e8e8' }, null, 0.1),
    ]
    const t0 = spec.t0 ?? 13
    const wind = [-1.15, 0.35]
    const clouds = [
      [x0 + 6, 0.5, -27, 42, [2.2, 1.8]],
      [x0 + 3, 0.3, -20, 28, [1.4, 2.0]],
    ].map(([x, y, z, rate, area]) =>
      makePlume(tex, rng, { kind: 'dust', at: [x, y, z], rate, wind, thick: spec.thick ?? 0.34, area }),
    )
    for (const p of clouds) veils.add(p.mesh)
    return {
      zones: [zone('site', 'work_site', block(camera, x0 - 0.2, x0 + 24, z0, z1, 3.4)), roadZone(c)],
      event: { cause: 'dust', from_s: t0 },
      step(t, dt) {
        for (const m of men) m.step(t, dt)
        body.rotation.y = -0.9 + 0.9 * Math.sin(t * 0.35)
        boom.rotation.x = 0.22 * Math.sin(t * 0.7)
        if (!spec.twin)
          clouds.forEach((p, i) => {
            const ramp = smooth(t0, t0 + 8, t)
            p.step(dt, t < t0 + i * 3 ? 0 : 0.25 + 0.75 * ramp * (0.8 + 0.3 * Math.sin(t * 0.5 + i)))
            const e = p.extent()
            if (e && t > t0 + 4)
              c.cover(
                [],
                [
                  [e[0][0] + 1, 0.2, p.source[2]],
                  [p.source[0] + 1.5, Math.min(e[1][1], 3.2), p.source[2]],
                ],
              )
          })
        for (const p of clouds) p.draw(c.view)
      },
    }
  },

  fog(c) {
    const u = c.view.post.uniforms
    c.gain = (t) => (t > 20 && t < 29 ? 1.16 : t >= 41 ? 0.88 : 1) * 1
    return {
      zones: [
        roadZone(c),
        walkZone(c, 1, 'no_grilling', 'walk'),
        zone('site', 'work_site', strip(c.camera, -c.street.wall, -c.street.edge, -34, -2, KERB_M)),
      ],
      step(t) {
        const d = 0.028 * smooth(8, 34, t) * (1 - 0.35 * smooth(44, 58, t)) * (1 + 0.06 * Math.sin(t * 0.7))
        u.uFog.value.set(0.62, 0.64, 0.66, d)
      },
    }
  },

  rain(c) {
    const u = c.view.post.uniforms
    return {
      zones: [roadZone(c), walkZone(c, 1, 'no_grilling', 'walk'), walkZone(c, 1, 'no_vending', 'vend')],
      step(t) {
        u.uRain.value.x = 0.55 + 0.35 * smooth(6, 20, t)
        u.uFog.value.set(0.1, 0.1, 0.11, 0.006)
      },
    }
  },
}
