# Starts a job once, whoever else attaches at the same time, and follows its log from a byte on, until it has ended.
# Arguments: the job's folder name, the byte.
J=$HOME/.agenticmail/deploy/$1
cd "$J" || exit 97
exec 2>/dev/null # what a shell says of processes that it ended is no part of the log
# A NUL is no byte of the log but a sign of life; those of the log itself become question marks, byte for byte.
say() { tr '\000' '?' <&3; }
job=
if mkdir started; then
  : >>log
  # In a session of its own: neither a lost connection nor a closed one ends it.
  run='echo $$ >"$0/pid.new"; mv "$0/pid.new" "$0/pid"; sh "$0/runner.sh" "$0" >>"$0/log" 2>&1 </dev/null; echo $? >"$0/rc.new"; mv "$0/rc.new" "$0/rc"'
  if command -v setsid >/dev/null; then
    setsid sh -c "$run" "$J" >/dev/null </dev/null 3<&- &
  else # such as macOS; Python was found by the probe
    python3 -c 'import os, sys; os.setsid(); os.execvp(sys.argv[1], sys.argv[1:])' sh -c "$run" "$J" >/dev/null </dev/null 3<&- &
  fi
  job=$!
else
  turns=0
  until [ -f log ] && [ -f pid ]; do
    turns=$((turns + 1))
    [ "$turns" -le 250 ] || exit 99
    sleep 0.02
  done
fi
exec 3<log
printf '\n@@ log %s\n' "$1" # what the login files said ends here, and the bytes that count begin
[ "$2" = 0 ] || dd bs=1 count=0 skip="$2" <&3
if [ -n "$job" ]; then # whoever started it need not look for its end again and again: what is quick ends at once
  (
    trap 'exit 0' TERM
    turns=0
    while :; do
      sleep 0.2 &
      wait $!
      say
      turns=$((turns + 1))
      [ $((turns % 5)) -ne 0 ] || printf '\000'
    done
  ) &
  wait "$job"
  kill $!
  wait $!
fi
turns=0
while :; do
  if [ -f rc ]; then
    say
    read -r code <rc
    exit "$code"
  fi
  sleep 0.1
  say
  turns=$((turns + 1))
  if [ "$turns" -ge 10 ]; then
    turns=0
    printf '\000'
    kill -0 "$(cat pid)" || [ -f rc ] || exit 99 # its result is there before it has ended
  fi
done
