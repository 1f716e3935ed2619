# Both programs in one image: `docker run … edge --config …` or `… cloud --config …`.
FROM node:22-bookworm-slim AS build
WORKDIR /app
RUN apt-get update && apt-get install -y --no-install-recommends g++ make python3 && rm -rf /var/lib/apt/lists/*
COPY package.json package-lock.json ./
ENV ONNXRUNTIME_NODE_INSTALL=skip
RUN npm ci --no-audit --no-fund
COPY . .
RUN npm run -s build \
 && npm prune --omit=dev --no-audit --no-fund \
 # Only this platform's onnxruntime; the installer's 2018 ffmpeg is not used where Debian's is.
 && find node_modules/onnxruntime-node/bin -mindepth 2 -maxdepth 2 ! -path '*/linux' -exec rm -rf {} + \
 && arch="$(node -p process.arch)" \
 && find node_modules/onnxruntime-node/bin/*/linux -mindepth 1 -maxdepth 1 ! -name "$arch" -exec rm -rf {} + \
 && rm -rf node_modules/@ffmpeg-installer/linux-* node_modules/better-sqlite3/deps

FROM node:22-bookworm-slim
# Debian's ffmpeg gets security updates; it parses what cameras send.
RUN apt-get update && apt-get install -y --no-install-recommends ffmpeg tini && rm -rf /var/lib/apt/lists/*
ENV NODE_ENV=production FFMPEG_PATH=/usr/bin/ffmpeg
WORKDIR /app
COPY --from=build /app/node_modules ./node_modules
COPY --from=build /app/dist ./dist
COPY --from=build /app/package.json /app/LICENSE /app/NOTICE ./
COPY --from=build /app/policy ./policy
RUN mkdir -p /data && chown node:node /data
USER node
VOLUME /data
EXPOSE 8080 8081 1883
HEALTHCHECK --interval=30s --timeout=5s --start-period=30s \
  CMD node -e "const u=process.env.KW_HEALTH_URL??'http://127.0.0.1:8080/healthz';fetch(u).then(r=>process.exit(r.ok?0:1),()=>process.exit(1))"
ENTRYPOINT ["tini", "--", "node", "dist/kerbwatch.js"]
CMD ["--help"]
