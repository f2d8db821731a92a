# The body of the script that a person runs on the machine. Before it stand the settings and `probe`; all of it is the
# body of one function that is called on the last line, so a script that arrived in part does nothing.
umask 077
LC_ALL=C
export LC_ALL
has() { command -v "$1" >/dev/null 2>&1; }
stop() { printf 'muster: %s\n' "$*" >&2; exit 1; }

[ -n "${HOME-}" ] && [ -d "$HOME" ] && [ -w "$HOME" ] || stop "this user has no home folder that can be written to"
WORK=$(mktemp -d 2>/dev/null) || stop "no temporary folder can be made"
LOG=$WORK/log
JOB=$HOME/.agenticmail/deploy/$JOB_ID
SENT=0
SHOWN=0
RUNNER=
: >"$LOG"
trap 'end_runner; rm -rf "$WORK"' EXIT
trap 'exit 143' TERM INT HUP

# ask PATH [BODY-FILE]: one request with the token, which never is in a list of processes.
ask() {
  [ -n "$TOKEN" ] || return 1
  case $1 in receipt*) limit=30 ;; *) limit=300 ;; esac
  if has curl; then
    printf 'header = "Authorization: Bearer %s"\n' "$TOKEN" |
      curl -sS --connect-timeout 10 --max-time "$limit" -K - -H 'Content-Type: text/plain' ${2:+--data-binary @"$2"} "$URL/api/engine/cluster/setup/$1" 2>/dev/null
  elif has python3; then
    printf '%s' "$TOKEN" | python3 -c 'import sys, urllib.error, urllib.request
body = open(sys.argv[3], "rb").read() if sys.argv[3:] else None
headers = {"Authorization": "Bearer " + sys.stdin.read(), "Content-Type": "text/plain"}
try:
    answer = urllib.request.urlopen(urllib.request.Request(sys.argv[1], body, headers), timeout=int(sys.argv[2]))
except urllib.error.HTTPError as error:
    answer = error
while True:
    piece = answer.read(1 << 16)
    if not piece:
        break
    sys.stdout.buffer.write(piece)' "$URL/api/engine/cluster/setup/$1" "$limit" ${2:+"$2"} 2>/dev/null
  else
    stop "curl or python3 is needed"
  fi
}

# told: sends what the log holds beyond what was sent; what the control plane says to it is in $SAID. Fails if it could
# not be sent: $PAUSE is how many seconds to wait, longer where many machines of one address ask at once.
told() {
  while :; do
    PAUSE=2
    tail -c "+$((SENT + 1))" "$LOG" | head -c 60000 >"$WORK/part"
    size=$(($(wc -c <"$WORK/part")))
    SAID=$(ask "receipt?offset=$SENT" "$WORK/part") && [ -n "$SAID" ] || return 1
    case $SAID in
    wait | go* | done* | stop*) ;;
    *'"too_many_requests"'*) SAID= && PAUSE=10 && return 1 ;;
    *'"unavailable"'* | '<'*) SAID= && return 1 ;; # its database, or a proxy before it
    *) stop "the control plane did not take this: $SAID" ;;
    esac
    SENT=$((SENT + size))
    [ "$SENT" -lt "$(($(wc -c <"$LOG")))" ] || return 0
  done
}
tell() { # until it was sent
  tries=0
  until told; do
    tries=$((tries + 1))
    [ "$OFFLINE" != yes ] || return 1
    [ "$tries" -lt "$((PAUSE == 10 ? 60 : 5))" ] || stop "the control plane at $URL cannot be reached"
    sleep "$PAUSE"
  done
}

# mark STEP WHAT [SENTENCE]: for the control plane, and for whoever runs this.
mark() {
  printf '@@ step %s %s %s\n' "$1" "$2" "${3-}" >>"$LOG"
  [ "$2" = start ] || printf '%s %s %s\n' "$1" "$2" "${3-}"
}
refuse() { # refuse STEP SENTENCE
  mark "$1" fail "step_failed $2"
  printf '@@ end fail\n' >>"$LOG"
  tell || :
  stop "$2"
}
decided() { # waits until the control plane has said what comes next
  turns=0
  while [ "$SAID" = wait ]; do
    turns=$((turns + 1))
    [ "$turns" -le 600 ] || stop "the control plane did not decide in time"
    sleep 1
    tell
  done
}
checksum() { # checksum FILE SHA256
  if has sha256sum; then
    [ "$(sha256sum <"$1" | cut -d' ' -f1)" = "$2" ]
  elif has shasum; then
    [ "$(shasum -a 256 <"$1" | cut -d' ' -f1)" = "$2" ]
  else
    python3 -c 'import hashlib, sys; sys.exit(hashlib.sha256(open(sys.argv[1], "rb").read()).hexdigest() != sys.argv[2])' "$1" "$2"
  fi
}
# In a session of its own, so that it ends with all that it started. Only with &: nothing comes after it.
apart() {
  if has setsid; then exec setsid "$@"; fi
  exec python3 -c 'import os, sys; os.setsid(); os.execvp(sys.argv[1], sys.argv[1:])' "$@"
}
end_runner() {
  [ -n "$RUNNER" ] || return 0
  kill -s TERM -- "-$RUNNER" 2>/dev/null
  turns=0
  while kill -0 "$RUNNER" 2>/dev/null && [ "$turns" -lt 30 ]; do
    turns=$((turns + 1))
    sleep 0.1
  done
  kill -s KILL -- "-$RUNNER" 2>/dev/null
  rm -rf "$JOB"
}
show() { # the steps that ended since it was last asked
  sed -n -e 's/^@@ step \([a-z]*\) ok/\1 ok/p' -e 's/^@@ step \([a-z]*\) fail/\1 fail/p' "$LOG" |
    sed -e '/^connect /d' -e '/^probe /d' -e '/^bundle /d' -e '/^upload /d' >"$WORK/steps"
  tail -n "+$((SHOWN + 1))" "$WORK/steps"
  SHOWN=$(($(wc -l <"$WORK/steps")))
}
SAID=

mark connect start
if [ "$OFFLINE" = yes ]; then tell || printf 'connect skipped: the control plane is not reached from here\n'; else tell; fi
case $SAID in stop*) stop "${SAID#stop }" ;; esac
mark connect ok

mark probe start
probe "$URL" "$NODE_PORT" "$JOB_ID" >"$WORK/facts" 2>&1
cat "$WORK/facts" >>"$LOG"
mark probe ok
grep -q '^@@ fact python_whole=yes$' "$WORK/facts" || [ "$OFFLINE" != yes ] || refuse probe "Python 3.8 or newer is missing: install python3 on the machine"
grep -q '^@@ fact systemd_user=yes$' "$WORK/facts" && SYSTEMD_USER=yes || SYSTEMD_USER=no

mkdir "$WORK/job"
if [ "$OFFLINE" = yes ]; then
  mark bundle start
  mark bundle ok "it came with this bundle"
  mark upload start
  while read -r sum name; do
    checksum "$HERE/$name" "$sum" || refuse upload "$name is damaged: copy the bundle again"
  done <"$HERE/SHA256SUMS"
  cp "$HERE/files/"* "$WORK/job/" || refuse upload "the files cannot be copied; is the disk full?"
  tell || :
else
  tell
  decided
  case $SAID in go*) ;; *) stop "${SAID#stop }" ;; esac
  mark upload start
  ask parcel >"$WORK/parcel.tar" && checksum "$WORK/parcel.tar" "${SAID#go }" || refuse upload "what was downloaded is damaged: run the line again"
  tar xf "$WORK/parcel.tar" -C "$WORK/job" || refuse upload "what was downloaded cannot be unpacked"
fi
if [ -r "$WORK/job/worker.pyz" ]; then
  checksum "$WORK/job/worker.pyz" "$DAEMON_SHA256" || refuse upload "the daemon's program is another one than this script was made for: make a new line"
fi
printf 'SYSTEMD_USER=%s\n' "$SYSTEMD_USER" >>"$WORK/job/vars"
runtime=$(sed -n 's/^RUNTIME_SHA256=//p' "$WORK/job/vars")
if [ -n "$runtime" ] && [ ! -x "$HOME/.agenticmail/runtime/$runtime/bin/node" ]; then
  mkdir -p "$HOME/.agenticmail/runtime"
  archive=$HOME/.agenticmail/runtime/$runtime.tar.gz
  if [ "$OFFLINE" = yes ]; then
    mv "$WORK/job/runtime.tar.gz" "$archive" || refuse upload "the runtime cannot be copied; is the disk full?"
  else
    ask runtime >"$archive.part" && checksum "$archive.part" "$runtime" || { rm -f "$archive.part"; refuse upload "the runtime arrived damaged: run the line again"; }
    mv "$archive.part" "$archive"
  fi
fi
rm -f "$WORK/job/runtime.tar.gz"
mkdir -p "$HOME/.agenticmail/deploy"
rm -rf "$JOB"
mv "$WORK/job" "$JOB" || refuse upload "the files cannot be written; is the disk full?"
mark upload ok
[ "$OFFLINE" = yes ] || tell # a cancel while it was fetched
case $SAID in stop*) stop "${SAID#stop }" ;; esac
apart sh "$JOB/runner.sh" "$JOB" >>"$LOG" 2>&1 </dev/null &
RUNNER=$!
looks=0
while kill -0 "$RUNNER" 2>/dev/null; do
  sleep 0.2
  looks=$((looks + 1))
  [ $((looks % 25)) -eq 0 ] || continue
  show
  [ "$OFFLINE" = yes ] || told || :
  case $SAID in stop*) stop "${SAID#stop }" ;; esac
done
wait "$RUNNER"
code=$?
RUNNER=
show
rm -rf "$JOB"
if [ "$OFFLINE" = yes ]; then
  tell || printf 'The daemon goes on; the control plane hears of it when it can be reached.\n'
  exit "$code"
fi
tell
turns=0
while :; do
  case $SAID in done* | stop*) break ;; esac
  turns=$((turns + 1))
  [ "$turns" -le 120 ] || stop "the daemon runs, but the control plane did not say in time that it was heard"
  sleep 1
  tell
done
case $SAID in done*) printf 'muster: %s\n' "${SAID#done }" ;; *) stop "${SAID#stop }" ;; esac
