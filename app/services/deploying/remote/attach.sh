# Starts a job once, whoever else attaches at the same time, and follows its log from a byte on, until it has ended.
# Arguments: the job's folder name, the byte.
J=$HOME/.agenticmail/deploy/$1
cd "$J" || exit 97
if mkdir started 2>/dev/null; then
  # In a session of its own: neither a lost connection nor a closed one ends it.
  run='echo $$ >"$0/pid.new"; mv "$0/pid.new" "$0/pid"; sh "$0/runner.sh" "$0" >>"$0/log" 2>&1 </dev/null; echo $? >"$0/rc.new"; mv "$0/rc.new" "$0/rc"'
  if command -v setsid >/dev/null 2>&1; then
    setsid sh -c "$run" "$J" >/dev/null 2>&1 </dev/null &
  else
    nohup sh -c "$run" "$J" >/dev/null 2>&1 </dev/null &
  fi
fi
turns=0
until [ -f log ] && [ -f pid ]; do
  turns=$((turns + 1))
  [ "$turns" -le 250 ] || exit 99
  sleep 0.02
done
exec 3<log
printf '\n@@ log %s\n' "$1" # what the login files said ends here, and the bytes that count begin
dd bs=1 count=0 skip="$2" <&3 2>/dev/null
turns=0
quick=50
# A NUL is no byte of the log but a sign of life; those of the log itself become question marks, byte for byte.
while :; do
  if [ -f rc ]; then
    cat <&3 | tr '\000' '?'
    exit "$(cat rc)"
  fi
  if [ "$quick" -gt 0 ]; then # what is done already ends in a moment: look for that often, and seldom for lines
    quick=$((quick - 1))
    sleep 0.02
    [ $((quick % 5)) -eq 0 ] || continue
  else
    sleep 0.1
  fi
  cat <&3 | tr '\000' '?'
  turns=$((turns + 1))
  if [ "$turns" -ge 10 ]; then
    turns=0
    printf '\000'
    kill -0 "$(cat pid)" 2>/dev/null || [ -f rc ] || exit 99 # its result is there before it has ended
  fi
done
