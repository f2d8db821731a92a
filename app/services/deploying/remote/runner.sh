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
changed() { CHANGED="$CHANGED $1"; }

finish() {
  [ -n "$ENDED" ] || printf '@@ end fail\n'
  rm -f "$JOB/worker.env" "$JOB/join-token" "$JOB/agents.json" "$JOB/worker.pyz" "$JOB/vars"
  [ "$(cat "$ROOT/deploy/lock/job" 2>/dev/null)" = "$JOB_ID" ] && rm -rf "$ROOT/deploy/lock"
}
trap finish EXIT
trap 'exit 143' TERM INT HUP

lock() {
  if mkdir "$ROOT/deploy/lock" 2>/dev/null; then
    printf '%s' "$$" >"$ROOT/deploy/lock/pid"
    printf '%s' "$JOB_ID" >"$ROOT/deploy/lock/job"
    return
  fi
  if kill -0 "$(cat "$ROOT/deploy/lock/pid" 2>/dev/null || echo 0)" 2>/dev/null; then
    fail deploy_running "another deploy is at work on this machine: $(cat "$ROOT/deploy/lock/job")"
  fi
  rm -rf "$ROOT/deploy/lock" # its process is gone
  lock
}

# replace FILE TARGET: puts a file in its place in one step if it differs.
replace() {
  cmp -s "$1" "$2" && return 1
  cp "$1" "$2.new" && mv "$2.new" "$2" || fail disk_full "$2 cannot be written; is the disk full?"
}

daemon_pid() {
  pid=$(cat "$ROOT/state/pid" 2>/dev/null) && kill -0 "$pid" 2>/dev/null && printf '%s' "$pid"
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
  pid=$(daemon_pid)
  if [ -n "$pid" ] && [ -z "$CHANGED" ] && [ ! -e "$ROOT/join-token" ]; then
    ok "already running, nothing changed"
    return
  fi
  at_boot
  if [ "$BOOT" = systemd ]; then
    systemctl --user restart muster-daemon.service || fail step_failed "systemd did not start the daemon"
  else
    if [ -n "$pid" ]; then stop_daemon "$pid"; fi
    setsid sh "$ROOT/daemon/start.sh" </dev/null >/dev/null 2>&1 &
  fi
  waited=0
  until pid=$(daemon_pid) && [ -n "$pid" ] && [ "$pid" != "${OLD_PID-}" ]; do
    waited=$((waited + 1))
    [ "$waited" -gt 100 ] && { tail -n 20 "$ROOT/daemon/log" 2>/dev/null; fail step_failed "the daemon did not start"; }
    sleep 0.1
  done
  sleep 1 # what is wrong with its settings ends it at once
  [ -n "$(daemon_pid)" ] || { tail -n 20 "$ROOT/daemon/log"; fail step_failed "the daemon ended at once; its last lines say why"; }
  ok "running$CHANGED"
}

stop_daemon() { # agents go on: the new daemon takes them over
  OLD_PID=$1
  kill "$1" 2>/dev/null
  waited=0
  while kill -0 "$1" 2>/dev/null && [ "$waited" -lt 100 ]; do waited=$((waited + 1)); sleep 0.1; done
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
KillMode=process

[Install]
WantedBy=default.target
UNIT
    systemctl --user daemon-reload && systemctl --user enable muster-daemon.service && BOOT=systemd
    loginctl enable-linger >/dev/null 2>&1 || printf '@@ fact boot_note=%s\n' "systemd starts it when this user signs in: an administrator can allow more with loginctl enable-linger"
  elif command -v crontab >/dev/null 2>&1; then
    { crontab -l 2>/dev/null | grep -v '# muster$'; printf '@reboot setsid sh %s # muster\n' "$ROOT/daemon/start.sh"; } | crontab - && BOOT=cron
  fi
  printf '@@ fact boot=%s\n' "$BOOT"
}

mkdir -p "$ROOT/deploy"
step lock
lock
ok
install_daemon
write_settings
start_daemon
ENDED=yes
printf '@@ end ok\n'
