# Looks at a machine and changes nothing. Says what it found as `@@ fact key=value` lines. Needs only a POSIX shell.
# Arguments: the control plane's URL (may be empty), the node's port, the job that asks (may be missing).
LC_ALL=C
export LC_ALL
fact() { printf '@@ fact %s=%s\n' "$1" "$2"; }
has() { command -v "$1" >/dev/null 2>&1; }
# A session of SSH does not look where Homebrew puts what it installs.
[ "$(uname -s)" != Darwin ] || PATH=$PATH:/opt/homebrew/bin:/usr/local/bin
limited() { # limited SECONDS COMMAND…: not every machine has `timeout`, and sudo may wait for a name server
  limit=$1
  shift
  "$@" >/dev/null 2>&1 </dev/null &
  child=$!
  ( sleep "$limit"; kill "$child" ) >/dev/null 2>&1 &
  watch=$!
  wait "$child"
  code=$?
  kill "$watch" >/dev/null 2>&1
  return "$code"
}

fact os "$(uname -s)"
fact arch "$(uname -m)"
fact user "$(id -un)"
fact uid "$(id -u)"
fact hostname "$(uname -n)"
[ -r /etc/os-release ] && fact distro "$(. /etc/os-release && printf '%s %s' "$ID" "${VERSION_ID-}")"
if has ldd; then fact libc "$(ldd --version 2>&1 | head -n 1)"; fi
fact clock "$(date -u +%s)"

if [ -n "${HOME-}" ] && [ -d "$HOME" ] && [ -w "$HOME" ]; then
  fact home yes
  fact free_mb "$(df -Pk "$HOME" | awk 'NR == 2 { print int($4 / 1024) }')"
else
  fact home no
fi
if [ -r /proc/meminfo ]; then
  fact memory_mb "$(awk '/^MemTotal/ { print int($2 / 1024) }' /proc/meminfo)"
elif has sysctl; then
  fact memory_mb "$(( $(sysctl -n hw.memsize 2>/dev/null || echo 0) / 1048576 ))"
fi

for tool in python3 node npm pm2 tar gzip curl setsid systemctl crontab; do
  if has "$tool"; then fact "$tool" yes; else fact "$tool" no; fi
done
for manager in apt-get dnf apk brew; do
  if has "$manager"; then
    fact packages "$manager"
    break
  fi
done
if has python3; then
  fact python_version "$(python3 -c 'import sys; print("%d.%d.%d" % sys.version_info[:3])' 2>/dev/null)"
  # Debian's python3-minimal has no json and no ctypes, which the daemon needs.
  if python3 -c 'import ctypes, http.client, json, ssl, zipfile' >/dev/null 2>&1; then fact python_whole yes; else fact python_whole no; fi
fi
if has node; then fact node_version "$(node --version 2>/dev/null)"; fi

if [ "$(id -u)" = 0 ]; then
  fact sudo root
elif ! has sudo; then
  fact sudo none
elif limited 8 sudo -n true; then
  fact sudo yes
else
  fact sudo password
fi
if has systemctl && limited 5 systemctl --user show-environment; then fact systemd_user yes; else fact systemd_user no; fi

root=$HOME/.agenticmail
[ -L "$root/runtime/current" ] && fact runtime "$(basename "$(readlink "$root/runtime/current")")"
runtimes=
for folder in "$root"/runtime/*/bin/node; do
  folder=${folder%/bin/node}
  case ${folder##*/} in current | *.new | '*') ;; *) runtimes="$runtimes${runtimes:+ }${folder##*/}" ;; esac
done
[ -n "$runtimes" ] && fact runtimes "$runtimes"
[ -r "$root/daemon/worker.pyz.sha256" ] && fact daemon "$(cat "$root/daemon/worker.pyz.sha256")"
[ -r "$root/worker.env" ] && fact node_id "$(sed -n "s/^WORKER_NODE_ID=[\"']\{0,1\}\([A-Za-z0-9._-]*\).*/\1/p" "$root/worker.env" | head -n 1)"
[ -n "${3-}" ] && [ -f "$root/deploy/$3/runner.sh" ] && fact sent yes

if has python3; then
  python3 - "$1" "$2" <<'PYTHON'
import json, os, shutil, socket, sys
from urllib.parse import urlsplit

url, port = sys.argv[1], int(sys.argv[2])
try: # asked itself, it takes its time to say so
    npm = os.path.realpath(shutil.which("npm") or "")
    with open(os.path.join(os.path.dirname(os.path.dirname(npm)), "package.json")) as about:
        print("@@ fact npm_version=%s" % json.load(about)["version"])
except (OSError, ValueError, LookupError, TypeError):
    pass
with socket.socket() as probe:
    probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        probe.bind(("0.0.0.0", port))
        print("@@ fact port=free")
    except OSError:
        print("@@ fact port=busy")
if url:
    where = urlsplit(url)
    try:
        socket.create_connection((where.hostname, where.port or (443 if where.scheme == "https" else 80)), 5).close()
        print("@@ fact reach=yes")
    except OSError as error:
        print("@@ fact reach=%s" % (error.strerror or type(error).__name__))
PYTHON
fi
fact done yes
