# Becomes the first process of a node, in namespaces of its own: waits for its network, and buries the dead.
# Arguments: its address with the size of the network, its gateway, its state folder, the size of a disk for it (0: none).
set -e
echo boots
if [ "${4:-0}" != 0 ]; then
  mkdir -p "$3"
  mount -t tmpfs -o "size=$4k" tmpfs "$3"
fi
turns=0
until ip link show eth0 >/dev/null 2>&1; do
  turns=$((turns + 1))
  [ "$turns" -le 500 ] || { echo "no network within 10 s"; exit 1; }
  sleep 0.02
done
ip link set lo up
ip addr add "$1" dev eth0
ip link set eth0 up
ip route add default via "$2"
echo "is up"
sleep infinity &
wait
