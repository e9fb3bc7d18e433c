# The service as an image. `serve` is the default command, `migrate` the other one:
#   docker build -t latchkey .
#   docker run --rm <settings> latchkey migrate
#   docker run --init -p 4000:4000 <settings> latchkey
# Settings are environment variables (docs/reference/config.md); compose.yaml shows a whole set of them.

FROM node:24-bookworm-slim AS manifests
WORKDIR /app
COPY package.json package-lock.json ./
COPY contract/package.json contract/
COPY migrations/package.json migrations/
COPY core/package.json core/
COPY sdk-server/package.json sdk-server/
COPY sdk-browser/package.json sdk-browser/
COPY service/package.json service/
COPY service/pages/package.json service/pages/
# No part of the image, but the lock file names them.
COPY create-latchkey/package.json create-latchkey/
COPY examples/bank/package.json examples/bank/
COPY examples/http-client/package.json examples/http-client/
COPY bench/package.json bench/
COPY docs/package.json docs/

FROM manifests AS build
# Browsers, databases and the linter serve tests alone; without them the build installs a third of the bytes.
RUN npm pkg delete devDependencies.@biomejs/biome devDependencies.@sparticuz/chromium devDependencies.playwright-core \
    devDependencies.embedded-postgres devDependencies.autocannon devDependencies.axe-core devDependencies.mocha \
    devDependencies.sinon devDependencies.oauth4webapi devDependencies.fast-check devDependencies.chai \
    devDependencies.@changesets/cli devDependencies.publint devDependencies.@arethetypeswrong/cli devDependencies.vue devDependencies.svelte \
    devDependencies.@readme/openapi-parser devDependencies.@asyncapi/specs devDependencies.ajv devDependencies.ajv-formats devDependencies.kubernetes-types \
 && npm pkg delete devDependencies --workspace @latchkey/bench --workspace @latchkey/example-http-client --workspace @latchkey/docs \
 && npm ci --ignore-scripts --no-audit --no-fund
COPY tsconfig.json tsconfig.base.json ./
COPY contract contract
COPY migrations migrations
COPY core core
COPY sdk-server sdk-server
COPY sdk-browser sdk-browser
COPY service service
RUN npx tsc -b service && npm run build --workspace service/pages \
 && find */dist \( -name '*.map' -o -name '*.d.ts' -o -name '*.tsbuildinfo' \) -delete \
 && mkdir data

FROM manifests AS production
# By its name: the path `service` would mean service/pages as well. Sources, types and source maps are never loaded, nor are the
# test data of bintrees and the extensions of PGlite.
RUN npm ci --ignore-scripts --no-audit --no-fund --omit=dev --workspace @latchkey/service \
 && mkdir -p service/node_modules \
 && find node_modules service/node_modules -type f \( -name '*.map' -o -name '*.ts' -o -name '*.mts' -o -name '*.cts' \) -delete \
 && rm -rf node_modules/@types node_modules/bintrees/test node_modules/@electric-sql/pglite/dist/*.tar.gz

FROM node:24-bookworm-slim
WORKDIR /app
COPY --from=production /app/node_modules node_modules
COPY --from=production /app/package.json ./
COPY LICENSE ./
COPY --from=build /app/contract/package.json contract/package.json
COPY --from=build /app/contract/dist contract/dist
COPY --from=build /app/migrations/package.json migrations/package.json
COPY --from=build /app/migrations/dist migrations/dist
COPY --from=build /app/core/package.json core/package.json
COPY --from=build /app/core/dist core/dist
COPY --from=build /app/sdk-server/package.json sdk-server/package.json
COPY --from=build /app/sdk-server/dist sdk-server/dist
COPY --from=production /app/service/node_modules service/node_modules
COPY --from=build /app/service/package.json service/package.json
COPY --from=build /app/service/dist service/dist
COPY --from=build /app/service/pages/dist service/pages/dist
# For the embedded database (LATCHKEY_ALLOW_EMBEDDED=true): mount a volume here, for one container at a time; a second
# one refuses to start. Nothing else is ever written.
COPY --from=build --chown=node:node /app/data /data
ENV NODE_ENV=production PORT=4000 LATCHKEY_DATA_DIR=/data
USER node
EXPOSE 4000
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s --retries=3 \
  CMD ["node", "-e", "fetch('http://127.0.0.1:' + (process.env.PORT || 4000) + '/health/ready').then((answer) => process.exit(answer.ok ? 0 : 1), () => process.exit(1))"]
ENTRYPOINT ["node", "service/dist/main.js"]
CMD ["serve"]
ARG VERSION=0.1.0
ARG REVISION=unknown
LABEL org.opencontainers.image.title="latchkey" \
      org.opencontainers.image.description="Auth and session service for applications whose front ends hold a live socket" \
      org.opencontainers.image.licenses="MIT" \
      org.opencontainers.image.version="$VERSION" \
      org.opencontainers.image.revision="$REVISION"
