# Becomes the first process of a host, in namespaces of its own: mounts its root, waits for its network, runs sshd.
# Arguments: its root folder, its name, its address with the size of the network, its gateway, the mask over /usr.
set -e
hostname "$2"
mount --bind "$1" "$1"
cd "$1"
mount -t overlay -o "ro,lowerdir=$5:/usr" usr usr
mount -t proc proc proc
mount -t tmpfs -o mode=755 tmpfs dev
for device in null zero full random urandom tty; do
  touch "dev/$device"
  mount --bind "/dev/$device" "dev/$device"
done
mkdir dev/pts dev/shm
mount -t devpts -o newinstance,ptmxmode=666 devpts dev/pts
mount -t tmpfs tmpfs dev/shm
ln -s pts/ptmx dev/ptmx
ln -s /proc/self/fd dev/fd
turns=0
until ip link show eth0 >/dev/null 2>&1; do
  turns=$((turns + 1))
  [ "$turns" -le 500 ] || { echo "no network within 10 s"; exit 1; }
  sleep 0.02
done
ip link set lo up
ip addr add "$3" dev eth0
ip link set eth0 up
ip route add default via "$4"
pivot_root . old
exec chroot . /bin/sh -c 'umount -l /old && rmdir /old && exec /usr/sbin/sshd -D -e'
