# Ends a job and all it started, and says what is left. Argument: the job's folder name.
J=$HOME/.agenticmail/deploy/$1
rm -rf "$J.new"
# `-s`: with `kill -TERM --` dash takes the dashes for a process, and stops nothing.
group=$(cat "$J/pid" 2>/dev/null) || { rm -rf "$J"; exit 0; }
left() { ps -A -o pgid= -o pid= | awk -v group="$group" '$1 == group { print $2 }'; }
if [ ! -f "$J/rc" ]; then # else it has ended, and its number may be another's by now
  kill -s TERM -- "-$group" 2>/dev/null
  turns=0
  while [ -n "$(left)" ] && [ "$turns" -lt 30 ]; do turns=$((turns + 1)); sleep 0.1; done
  kill -s KILL -- "-$group" 2>/dev/null
  sleep 0.1
fi
rm -f "$J/worker.env" "$J/join-token" "$J/agents.json" "$J/worker.pyz" "$J/vars"
left | wc -l
