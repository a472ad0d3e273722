#!/bin/bash -e
# The package goes where lapel provision finds it, for updates to have something to go back to.
seed="${ROOTFS_DIR}/boot/firmware/lapel"
install -d "$seed"
install -m 644 files/lapel_*_arm64.deb "$seed/"
on_chroot <<'EOF'
apt-get install -y --no-install-recommends python3-picamera2 /boot/firmware/lapel/lapel_*_arm64.deb
# An opened watchlist must not be written to a card: no swap.
systemctl disable dphys-swapfile.service
apt-get purge -y dphys-swapfile
systemctl enable lapel.target
EOF
# The units' limits of memory hold only so: the firmware's own part of that line switches them off, and comes before.
sed -i '1s/$/ cgroup_enable=memory/' "${ROOTFS_DIR}/boot/firmware/cmdline.txt"
install -d "${ROOTFS_DIR}/etc/systemd/journald.conf.d"
# What the system says stays in memory: a card is worn out by it, and read when it is stolen.
printf '[Journal]\nStorage=volatile\nRuntimeMaxUse=16M\n' >"${ROOTFS_DIR}/etc/systemd/journald.conf.d/lapel.conf"
