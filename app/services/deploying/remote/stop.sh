# Ends a job and all it started, and says what is left. Argument: the job's folder name.
J=$HOME/.agenticmail/deploy/$1
# Not what has ended: where the first process of a container is slow to say goodbye to it, it stays in the list.
left() { ps -A -o pgid= -o stat= -o pid= | awk -v group="$1" '$1 == group && $2 !~ /^Z/ { print $3 }'; }
# `-s`: with `kill -TERM --` dash takes the dashes for a process, and stops nothing.
end() {
  kill -s TERM -- "-$1" 2>/dev/null
  turns=0
  while [ -n "$(left "$1")" ] && [ "$turns" -lt 30 ]; do turns=$((turns + 1)); sleep 0.1; done
  kill -s KILL -- "-$1" 2>/dev/null
  sleep 0.1
}
# The commands of this job that were cut off: the look at the machine, the unpacking. Never ourselves; and a follower,
# whose last word is another, sees by itself that its job has ended.
ours=$(ps -o pgid= -p $$ | tr -d ' ')
for cut in $(ps -A -o pgid= -o args= |
  awk -v job="$1" -v ours="$ours" '$1 != ours && $NF == job && /sh -(s|c) / { print $1 }' | sort -u); do
  end "$cut"
done
rm -rf "$J.new" "$HOME"/.agenticmail/runtime/*."$1.part"
group=$(cat "$J/pid" 2>/dev/null) || { rm -rf "$J"; exit 0; }
[ -f "$J/rc" ] || end "$group" # else it has ended, and its number may be another's by now
rm -f "$J/worker.env" "$J/join-token" "$J/agents.json" "$J/worker.pyz" "$J/vars" "$J"/package-*.tgz
left "$group" | wc -l
