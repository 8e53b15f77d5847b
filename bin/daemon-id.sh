# Which PM2 daemon has started this: its pid, and where the system tells them the tick at which it started and the boot. See
# src/pm2/gate/gate-file.ts. For sh; sets `daemon`.
daemon=$PPID
if [ -r "/proc/$PPID/stat" ]; then
  read -r line < "/proc/$PPID/stat"
  set -f
  started() { shift 19; daemon="$PPID $1"; }
  started ${line##*) }
  set +f
fi
[ -r /proc/sys/kernel/random/boot_id ] && read -r boot < /proc/sys/kernel/random/boot_id && daemon="$daemon $boot"
