#!/usr/bin/env bash
# compose.yaml without containers: Ticker's web side, its worker, and nginx in front, as processes of one machine.
#
#   TICKER_DATABASE_URL=postgresql://ticker:...@127.0.0.1/ticker docs/ops/together.sh FOLDER [PORT]
#
# It needs `ticker` and `nginx` on PATH. nginx listens on PORT (8080) of this machine, Ticker on the port after it. FOLDER is
# where nginx keeps answers, and the database where none is named. Ctrl-C or SIGTERM stops all three; where one ends, all do.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
mkdir -p "${1:?say in which folder to work}"
folder=$(cd "$1" && pwd)
port=${2:-8080}
web=$((port + 1))
PATH=$PATH:/usr/sbin
export TICKER_DATABASE_URL=${TICKER_DATABASE_URL:-sqlite:///$folder/ticker.db}
export TICKER_PUBLIC_URL=${TICKER_PUBLIC_URL:-http://127.0.0.1:$port}

user=
if [ "$(id -u)" = 0 ]; then user="user root;"; fi # else nginx's workers could not reach the folder
cat >"$folder/nginx.conf" <<CONF
$user daemon off; worker_processes auto; pid $folder/nginx.pid; error_log stderr warn;
events { worker_connections 4096; }
http {
    access_log off; sendfile on; tcp_nopush on; server_tokens off;
    client_body_temp_path $folder/body; proxy_temp_path $folder/proxy; fastcgi_temp_path $folder/fastcgi;
    uwsgi_temp_path $folder/uwsgi; scgi_temp_path $folder/scgi;
    include $folder/front.conf;
}
CONF
sed -e "s/127\.0\.0\.1:8000/127.0.0.1:$web/" -e "s/listen 80;/listen $port;/" -e "s#/var/cache/nginx#$folder#" \
  -e '/^ *allow /d' "$here/../recipes/nginx-front.conf" >"$folder/front.conf"

trap 'exit 0' TERM INT
trap 'kill $(jobs -p) 2>/dev/null || true; wait' EXIT
TICKER_REFRESH=0 ticker serve --host 127.0.0.1 --port "$web" --workers 2 &
ticker worker &
nginx -e stderr -p "$folder" -c "$folder/nginx.conf" &
wait -n || true
echo "One of the three has ended: the others are stopped." >&2
exit 1
