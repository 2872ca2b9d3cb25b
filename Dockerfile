# The server on the CPU, for amd64 and arm64: docker build --tag wyoming-kokoro .
FROM python:3.12-slim-bookworm AS build
# hadolint ignore=DL3008
RUN apt-get update \
    && apt-get install --yes --no-install-recommends binutils \
    && rm -rf /var/lib/apt/lists/*
COPY . /src
RUN /src/script/image-install /opt/wyoming-kokoro /src cpu

FROM python:3.12-slim-bookworm
# The OpenMP that PyTorch and numba share: without it their threads are in each other's way.
# hadolint ignore=DL3008
RUN apt-get update \
    && apt-get install --yes --no-install-recommends libgomp1 \
    && rm -rf /var/lib/apt/lists/*
# A volume gets its owner from the folder that it is put upon.
RUN useradd --uid 1000 --user-group --no-create-home --home-dir /data kokoro \
    && install --directory --owner=kokoro --group=kokoro --mode=700 /data
COPY --from=build /opt/wyoming-kokoro /opt/wyoming-kokoro
# All that is fetched or made lies in /data. PYTHONDONTWRITEBYTECODE: the user could not write it beside the modules anyway.
ENV PATH=/opt/wyoming-kokoro/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    HF_HOME=/data/huggingface \
    XDG_CACHE_HOME=/data/cache \
    NUMBA_CACHE_DIR=/data/cache/numba
USER 1000:1000
VOLUME /data
EXPOSE 10210
STOPSIGNAL SIGTERM
# The first start fetches the model.
HEALTHCHECK --start-period=10m --interval=1m --timeout=15s --retries=3 \
    CMD ["python", "-m", "wyoming_kokoro.health_check", "--timeout", "10"]
ENTRYPOINT ["wyoming-kokoro"]
