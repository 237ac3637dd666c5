# Ticker as an image: `docker build --target ticker -t ticker .`; compose.yaml builds both targets. docs/operate.md says more.
FROM python:3.11-slim-bookworm AS build
WORKDIR /src
COPY requirements.lock ./
RUN python -m venv /opt/ticker \
 && /opt/ticker/bin/pip install --no-cache-dir --disable-pip-version-check --require-hashes -r requirements.lock
# The wheel brings htmx, Plotly, the typeface and our scripts: the build fetches npm by itself, from PyPI.
COPY pyproject.toml hatch_build.py package.json package-lock.json .npmrc README.md LICENSE ./
COPY static static
COPY templates templates
COPY ticker ticker
RUN python -m pip wheel --no-cache-dir --disable-pip-version-check --no-deps --wheel-dir /wheels . \
 && /opt/ticker/bin/pip install --no-cache-dir --disable-pip-version-check --no-index --no-deps /wheels/*.whl \
 && /opt/ticker/bin/pip uninstall --yes pip setuptools
# nginx before it: where Ticker is in compose.yaml, a port that needs no privilege, and nobody let in to /metrics from here.
COPY docs/recipes/nginx-front.conf ./
RUN sed -e 's/127\.0\.0\.1:8000/web:8000/' -e 's/listen 80;/listen 8080;/' -e '/^ *allow /d' nginx-front.conf > /front.conf

FROM nginxinc/nginx-unprivileged:1.28 AS front
COPY --from=build /front.conf /etc/nginx/conf.d/default.conf
USER 101:101
HEALTHCHECK --interval=10s --timeout=3s CMD ["curl", "--fail", "--silent", "--output", "/dev/null", "http://127.0.0.1:8080/embed.js"]

FROM python:3.11-slim-bookworm AS ticker
RUN groupadd --system --gid 10001 ticker \
 && useradd --system --uid 10001 --gid 10001 --home-dir /var/lib/ticker --create-home --shell /usr/sbin/nologin ticker
COPY --from=build /opt/ticker /opt/ticker
ENV PATH=/opt/ticker/bin:$PATH PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1
# Numbers, so that who runs it can see that it is not root.
USER 10001:10001
WORKDIR /var/lib/ticker
VOLUME /var/lib/ticker
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s \
  CMD ["python", "-c", "import urllib.request as u; u.build_opener(u.ProxyHandler({})).open('http://127.0.0.1:8000/livez', timeout=2)"]
ENTRYPOINT ["ticker"]
CMD ["serve", "--host", "0.0.0.0", "--port", "8000"]
