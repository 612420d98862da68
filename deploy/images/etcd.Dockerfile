# etcd from Debian's packages, which is what `npm start` runs too. Any other etcd 3.4 or newer with etcdctl beside it will
# do: PILOTHOUSE_ETCD_IMAGE names it.
FROM node:24.21.0-bookworm-slim
LABEL org.opencontainers.image.title="pilothouse-etcd" org.opencontainers.image.licenses="Apache-2.0"
RUN apt-get update \
 && apt-get install -y --no-install-recommends etcd-server etcd-client \
 && rm -rf /var/lib/apt/lists/* \
 && install -d -o node -g node -m 0700 /etcd-data
USER node
ENTRYPOINT []
CMD ["etcd"]
