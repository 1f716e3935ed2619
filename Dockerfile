# Both programs in one image: `docker run … edge --config …` or `… cloud --config …`.
FROM node:22-bookworm-slim AS build
WORKDIR /app
RUN apt-get update && apt-get install -y --no-install-recommends g++ make python3 && rm -rf /var/lib/apt/lists/*
COPY package.json package-lock.json ./
# onnxruntime's script would fetch CUDA libraries. better-sqlite3 is compiled against the headers of this very image.
ENV ONNXRUNTIME_NODE_INSTALL=skip npm_config_nodedir=/usr/local
RUN npm ci --no-audit --no-fund
COPY . .
RUN npm run -s build && npm prune --omit=dev --no-audit --no-fund
# Only this platform's onnxruntime; not the installer's ffmpeg of 2018 where Debian's is; no sources and objects of the compiler.
RUN arch="$(node -p process.arch)" \
 && find node_modules/onnxruntime-node/bin -mindepth 2 -maxdepth 2 ! -name linux -exec rm -rf {} + \
 && find node_modules/onnxruntime-node/bin -mindepth 3 -maxdepth 3 ! -name "$arch" -exec rm -rf {} + \
 && rm -rf node_modules/@ffmpeg-installer/linux-* node_modules/better-sqlite3/deps node_modules/better-sqlite3/src \
 && find node_modules/better-sqlite3/build -type f ! -name better_sqlite3.node -delete \
 && node dist/kerbwatch.js models verify

FROM node:22-bookworm-slim
# Debian's ffmpeg gets security updates; it parses what cameras send.
RUN apt-get update && apt-get install -y --no-install-recommends ffmpeg tini && rm -rf /var/lib/apt/lists/*
ENV NODE_ENV=production FFMPEG_PATH=/usr/bin/ffmpeg
WORKDIR /app
COPY --from=build /app/node_modules ./node_modules
COPY --from=build /app/dist ./dist
COPY --from=build /app/package.json /app/LICENSE /app/NOTICE ./
RUN ln -s dist/policy policy && ln -s /app/dist/kerbwatch.js /usr/local/bin/kerbwatch && chmod +x dist/kerbwatch.js \
 && mkdir -p /data && chown node:node /data
USER node
VOLUME /data
EXPOSE 8080 8081 1883
# The cloud's address; for the box set KW_HEALTH_URL to its panel's.
HEALTHCHECK --interval=30s --timeout=5s --start-period=30s \
  CMD node -e "const u=process.env.KW_HEALTH_URL??'http://127.0.0.1:8080/healthz';fetch(u).then(r=>process.exit(r.ok?0:1),()=>process.exit(1))"
ENTRYPOINT ["tini", "--", "node", "/app/dist/kerbwatch.js"]
CMD ["--help"]
