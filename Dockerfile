# The page and its server. Any base with Python 3.11 or newer, its venv module and a C library like Debian's will do.
ARG BASE_IMAGE=python:3.12-slim

FROM ${BASE_IMAGE} AS build
WORKDIR /src
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1 PATH=/tools/bin:${PATH}
# What is served, and apart from it what only builds it. First what changes seldom, for the cache's sake.
RUN python3 -m venv /unroll && python3 -m venv /tools
COPY requirements requirements
RUN /unroll/bin/pip install --quiet --require-hashes -r requirements/run.txt \
    && pip install --quiet --require-hashes -r requirements/build.txt
COPY package.json package-lock.json .npmrc ./
RUN npm ci --ignore-scripts --omit=dev --loglevel=error
COPY . .
RUN python -m tools.parts \
    && python -m hatchling build --target wheel \
    && /unroll/bin/pip install --quiet --no-deps dist/*.whl

FROM ${BASE_IMAGE}
COPY --from=build /unroll /unroll
ENV PYTHONUNBUFFERED=1 UNROLL_HOST=0.0.0.0 UNROLL_PORT=8000
# No name and no home: the program writes nothing, so the root file system may be read-only.
USER 10001:10001
WORKDIR /tmp
EXPOSE 8000
HEALTHCHECK --interval=30s --timeout=3s --start-period=10s CMD ["/unroll/bin/python", "-c", \
    "import os, urllib.request; urllib.request.urlopen('http://127.0.0.1:' + os.environ['UNROLL_PORT'] + '/healthz', timeout=2)"]
# What is given after the image's name goes to the program: `docker run --rm unroll cells`.
ENTRYPOINT ["/unroll/bin/unroll"]
