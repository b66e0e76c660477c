# The image holds everything, embedded servers included: it starts alone with a volume at /var/lib/presence-gateway, and
# with DATABASE_URL and REDIS_URL it is one gateway of many.

FROM python:3.13-slim AS packages
COPY requirements.txt /
RUN python -m venv /opt/presence \
 && /opt/presence/bin/pip install --no-cache-dir --disable-pip-version-check --no-deps --require-hashes -r /requirements.txt

FROM python:3.13-slim
RUN useradd --system --uid 10001 --home-dir /var/lib/presence-gateway --create-home presence \
 && chmod 700 /var/lib/presence-gateway \
 && install --directory --owner=presence --group=presence --mode=700 /var/lib/presence-gateway/files
COPY --from=packages /opt/presence /opt/presence
COPY . /srv/presence
WORKDIR /srv/presence
# Compiled now, since later there may be nowhere to write it.
RUN /opt/presence/bin/python -m compileall -q .
ENV PATH=/opt/presence/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    HOST=0.0.0.0 \
    PORT=8000 \
    LOG_FORMAT=json \
    PRESENCE_DATA_DIR=/var/lib/presence-gateway
USER presence
EXPOSE 8000
VOLUME /var/lib/presence-gateway
# Alive is enough here: a store that is away is no reason to be restarted. The proxy asks /readyz.
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s --start-interval=1s \
  CMD ["python", "-c", "import os, urllib.request as u; u.urlopen(f'http://127.0.0.1:{os.environ[\"PORT\"]}/healthz', timeout=2)"]
STOPSIGNAL SIGTERM
ENTRYPOINT ["python", "-m", "cli.main"]
CMD ["serve"]
