# Makes this machine a node, step by step. Every step may run again: it looks first and changes only what differs.
# Argument: the folder of this job. It is started in a session of its own, so that it outlives the connection.
set -u
umask 077
LC_ALL=C
export LC_ALL
JOB=$1
. "$JOB/vars"
ROOT=$HOME/.agenticmail
STEP=lock
CHANGED=
ENDED=

step() { STEP=$1; printf '@@ step %s start\n' "$STEP"; }
ok() { printf '@@ step %s ok %s\n' "$STEP" "$*"; }
fail() { printf '@@ step %s fail %s\n' "$STEP" "$*"; exit 1; }
changed() { CHANGED="$CHANGED${CHANGED:+, }$1"; }

finish() {
  [ -n "$ENDED" ] || printf '@@ end fail\n'
  rm -f "$JOB/worker.env" "$JOB/join-token" "$JOB/agents.json" "$JOB/worker.pyz" "$JOB/vars" "$JOB"/package-*.tgz
}
trap finish EXIT
trap 'exit 143' TERM INT HUP

# The kernel holds the lock as long as this shell or a child of it has descriptor 9 open, and lets it go with them,
# however they end. So whatever shall outlive this job is started with 9>&-.
lock() {
  exec 9<>"$ROOT/deploy/lock"
  python3 -c 'import fcntl; fcntl.flock(9, fcntl.LOCK_EX | fcntl.LOCK_NB)' 9>&9 2>/dev/null ||
    fail deploy_running "another deploy is at work on this machine: $(cat "$ROOT/deploy/lock")"
  printf '%s\n' "$JOB_ID" >"$ROOT/deploy/lock"
}

# replace FILE TARGET: puts a file in its place in one step if it differs.
replace() {
  cmp -s "$1" "$2" && return 1
  cp "$1" "$2.new" && mv "$2.new" "$2" || fail disk_full "$2 cannot be written; is the disk full?"
}

daemon_pid() {
  pid=$(cat "$ROOT/state/pid" 2>/dev/null) && alive "$pid" && printf '%s' "$pid"
}

alive() { # not one that has ended, and that nobody has taken leave of yet
  kill -0 "$1" 2>/dev/null || return 1
  case $(ps -o stat= -p "$1" 2>/dev/null) in Z*) return 1 ;; esac
}

install_runtime() {
  step runtime
  if [ -r "$JOB/make_runtime.py" ]; then
    RUNTIME_SHA256=$(python3 "$JOB/make_runtime.py" "$JOB")
    case $? in
    0) ;;
    3) exit 1 ;; # it said what was wrong
    *) fail step_failed "the runtime could not be made" ;;
    esac
  fi
  if [ -z "$RUNTIME_SHA256" ]; then
    ok "not needed"
    return
  fi
  home=$ROOT/runtime/$RUNTIME_SHA256
  if [ "$(readlink "$ROOT/runtime/current" 2>/dev/null)" = "$RUNTIME_SHA256" ] && [ -x "$home/bin/node" ]; then
    ok present
    return
  fi
  [ -x "$home/bin/node" ] || unpack_runtime
  touch "$home"
  python3 -c 'import os, sys; os.path.lexists(sys.argv[2] + ".new") and os.unlink(sys.argv[2] + ".new")
os.symlink(sys.argv[1], sys.argv[2] + ".new"); os.replace(sys.argv[2] + ".new", sys.argv[2])' "$RUNTIME_SHA256" "$ROOT/runtime/current" ||
    fail step_failed "the runtime cannot be put in place"
  forget_runtimes
  changed runtime
  ok installed
}

unpack_runtime() {
  archive=$home.tar.gz
  [ -r "$archive" ] || fail step_failed "the runtime was not sent"
  python3 - "$archive" "$RUNTIME_SHA256" <<'PYTHON' || { rm -f "$archive"; fail step_failed "the runtime arrived damaged: try again"; }
import hashlib, sys

found = hashlib.sha256()
with open(sys.argv[1], "rb") as archive:
    for piece in iter(lambda: archive.read(1 << 20), b""):
        found.update(piece)
sys.exit(found.hexdigest() != sys.argv[2])
PYTHON
  rm -rf "$home.new"
  mkdir -p "$home.new"
  # Owners are not taken over: root would otherwise write files of a user that is not here.
  gzip -dc "$archive" | tar xof - -C "$home.new" || { rm -rf "$home.new"; fail disk_full "the runtime cannot be unpacked; is the disk full?"; }
  "$home.new/bin/node" --version || { rm -rf "$home.new"; fail step_failed "Node.js does not start on this machine"; }
  mv "$home.new" "$home"
  rm -f "$archive"
}

# The last three are kept: the one before is what a roll-back needs.
forget_runtimes() {
  kept=0
  ls -1t "$ROOT/runtime" | while read -r name; do
    case $name in
    current | current.new) continue ;;
    *.new) rm -rf "${ROOT:?}/runtime/$name"; continue ;; # of a job that was killed
    esac
    if [ ! -d "$ROOT/runtime/$name" ]; then # an archive: on its way for another job, unless it lies there for an hour
      find "$ROOT/runtime/$name" -mmin +60 -exec rm -f {} +
      continue
    fi
    kept=$((kept + 1))
    [ "$kept" -le 3 ] || rm -rf "${ROOT:?}/runtime/$name"
  done
}

install_daemon() {
  step daemon
  mkdir -p "$ROOT/daemon" "$ROOT/state"
  if [ "$(cat "$ROOT/daemon/worker.pyz.sha256" 2>/dev/null)" = "$DAEMON_SHA256" ]; then
    ok present
    return
  fi
  [ -r "$JOB/worker.pyz" ] || fail step_failed "the daemon's program was not sent"
  [ -r "$ROOT/daemon/worker.pyz" ] && cp "$ROOT/daemon/worker.pyz" "$ROOT/daemon/worker.pyz.previous"
  replace "$JOB/worker.pyz" "$ROOT/daemon/worker.pyz"
  python3 "$ROOT/daemon/worker.pyz" --version || fail step_failed "the daemon's program does not start with this python3"
  printf '%s' "$DAEMON_SHA256" >"$ROOT/daemon/worker.pyz.sha256"
  changed daemon
  ok installed
}

write_settings() {
  step settings
  if replace "$JOB/worker.env" "$ROOT/worker.env"; then changed settings; fi
  if replace "$JOB/agents.json" "$ROOT/state/agents.json"; then changed agents; fi
  if [ -r "$JOB/join-token" ]; then mv "$JOB/join-token" "$ROOT/join-token"; fi
  case "$CHANGED" in *settings* | *agents*) ok written ;; *) ok unchanged ;; esac
}

start_daemon() {
  step start
  former=$(daemon_pid)
  if [ -n "$former" ] && [ -z "$CHANGED" ] && [ ! -e "$ROOT/join-token" ]; then
    BOOT=none
    [ ! -r "$ROOT/daemon/boot" ] || read -r BOOT <"$ROOT/daemon/boot"
    [ "$BOOT" != none ] || at_boot # cron may have come since then
    beat_soon
    ok "already running, nothing changed"
    return
  fi
  at_boot
  if [ "$BOOT" = systemd ]; then
    systemctl --user stop muster-daemon.service 2>/dev/null
    printf '@@ fact restarted=yes\n'
    systemctl --user start muster-daemon.service 9>&- || fail step_failed "systemd did not start the daemon"
  else
    if [ -n "$former" ]; then stop_daemon "$former"; fi
    printf '@@ fact restarted=yes\n'
    apart sh "$ROOT/daemon/start.sh" </dev/null >/dev/null 2>&1 9>&- &
  fi
  waited=0
  until pid=$(daemon_pid) && [ -n "$pid" ] && [ "$pid" != "${OLD_PID-}" ]; do
    waited=$((waited + 1))
    [ "$waited" -gt 100 ] && { tail -n 20 "$ROOT/daemon/log" 2>/dev/null; fail step_failed "the daemon did not start"; }
    sleep 0.1
  done
  sleep 1 # what is wrong with its settings ends it at once
  [ -n "$(daemon_pid)" ] || { tail -n 20 "$ROOT/daemon/log"; fail step_failed "the daemon ended at once; its last lines say why"; }
  if [ -n "$former" ]; then ok "restarted${CHANGED:+ with new $CHANGED}"; else ok started; fi
}

# Who waits for the node need not wait for its next heartbeat.
beat_soon() {
  python3 -S -c 'import socket, sys
with socket.create_connection(("127.0.0.1", int(sys.argv[1])), 2) as daemon:
    daemon.sendall(b"POST /nudge HTTP/1.0\r\nContent-Length: 0\r\n\r\n")
    daemon.recv(1)' "$NODE_PORT" >/dev/null 2>&1 9>&- &
}

# In a session of its own, also on a machine without setsid, such as macOS. Only with &: nothing comes after it.
apart() {
  if command -v setsid >/dev/null 2>&1; then exec setsid "$@"; fi
  exec python3 -c 'import os, sys; os.setsid(); os.execvp(sys.argv[1], sys.argv[1:])' "$@"
}

stop_daemon() { # agents go on: the new daemon takes them over
  OLD_PID=$1
  kill "$1" 2>/dev/null
  waited=0
  while alive "$1" && [ "$waited" -lt 100 ]; do waited=$((waited + 1)); sleep 0.1; done
}

# How the daemon comes back after a reboot: systemd, else cron, else not at all, and then it is said.
at_boot() {
  cat >"$ROOT/daemon/start.sh" <<'START'
umask 077
cd "$HOME/.agenticmail" || exit 1
printf '%s' "$$" >state/pid
export WORKER_STATE_DIR="$HOME/.agenticmail/state" WORKER_JOIN_TOKEN_FILE="$HOME/.agenticmail/join-token"
[ -e "$WORKER_JOIN_TOKEN_FILE" ] || unset WORKER_JOIN_TOKEN_FILE
exec python3 "$HOME/.agenticmail/daemon/worker.pyz" >>"$HOME/.agenticmail/daemon/log" 2>&1
START
  BOOT=none
  if [ "$SYSTEMD_USER" = yes ]; then
    mkdir -p "$HOME/.config/systemd/user"
    cat >"$HOME/.config/systemd/user/muster-daemon.service" <<UNIT
[Unit]
Description=Muster's daemon

[Service]
ExecStart=/bin/sh $ROOT/daemon/start.sh
Restart=always
RestartSec=2
RestartPreventExitStatus=78
KillMode=process

[Install]
WantedBy=default.target
UNIT
    systemctl --user daemon-reload && systemctl --user enable muster-daemon.service && BOOT=systemd
    [ "$BOOT" != systemd ] || loginctl enable-linger >/dev/null 2>&1 || printf '@@ fact boot_note=%s\n' "systemd starts it when this user signs in: an administrator can allow more with loginctl enable-linger"
  fi
  if [ "$BOOT" = none ] && command -v crontab >/dev/null 2>&1; then
    { crontab -l 2>/dev/null | grep -v '# muster$'; printf '@reboot %ssh %s # muster\n' "$(command -v setsid >/dev/null 2>&1 && printf 'setsid ')" "$ROOT/daemon/start.sh"; } | crontab - && BOOT=cron
  fi
  printf '%s\n' "$BOOT" >"$ROOT/daemon/boot"
  printf '@@ fact boot=%s\n' "$BOOT"
}

mkdir -p "$ROOT/deploy"
step lock
lock
ok
install_runtime
install_daemon
write_settings
start_daemon
ENDED=yes
printf '@@ end ok\n'
