# Ends a job and all it started, and says what is left. Argument: the job's folder name.
J=$HOME/.agenticmail/deploy/$1
left() { ps -A -o pgid= -o pid= | awk -v group="$1" '$1 == group { print $2 }'; }
# `-s`: with `kill -TERM --` dash takes the dashes for a process, and stops nothing.
end() {
  kill -s TERM -- "-$1" 2>/dev/null
  turns=0
  while [ -n "$(left "$1")" ] && [ "$turns" -lt 30 ]; do turns=$((turns + 1)); sleep 0.1; done
  kill -s KILL -- "-$1" 2>/dev/null
  sleep 0.1
}
# Who still unpacks the files of this job, unless the number is another's by now.
sender=$(cat "$J.new/sender" 2>/dev/null) && ps -o args= -p "$sender" 2>/dev/null | grep -q "$1" && end "$sender"
rm -rf "$J.new"
group=$(cat "$J/pid" 2>/dev/null) || { rm -rf "$J"; exit 0; }
[ -f "$J/rc" ] || end "$group" # else it has ended, and its number may be another's by now
rm -f "$J/worker.env" "$J/join-token" "$J/agents.json" "$J/worker.pyz" "$J/vars"
left "$group" | wc -l
