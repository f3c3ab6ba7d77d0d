# shellcheck shell=bash
# SPDX-License-Identifier: MIT
# Sourced: a bare Debian to install packages in. The caller sets $release (12 or 13) and defines skip.

: "${COSTRIX_DEBIAN:=/var/tmp/costrix-debian}"
# shellcheck source=test/debian/root.sh
. "$(dirname "${BASH_SOURCE[0]}")/../debian/root.sh"

# Copies a Debian as debootstrap leaves it, installed once for each release, to a new $root.
copy_bare_debian() {
    local suite=bookworm
    # shellcheck disable=SC2154  # the caller's
    [ "$release" = 12 ] || suite=trixie
    root=${COSTRIX_DEBIAN}-bare$release
    log=$root.install.log
    [ -e "$root/usr/bin/apt-get" ] || { begin_root "$suite" && finish_root; }
    root=$root.$$
    rm -rf --one-file-system "$root"
    trap 'rm -rf --one-file-system "$root"' EXIT
    cp -a --reflink=auto "${root%.*}" "$root"
    rm "$root/etc/dpkg/dpkg.cfg.d/costrix" # the documents are looked for
    cp -L /etc/resolv.conf /etc/hosts "$root/etc/"
}

# Runs a command in $root.
in_bare_debian() {
    # shellcheck disable=SC2016  # expanded by the inner shell
    unshare --mount bash -c '
        mount -t proc proc "$0/proc" && mount --rbind /dev "$0/dev" &&
            exec chroot "$0" env PATH=/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin "$@"' "$root" "$@"
}

delete_bare_debian() {
    rm -rf --one-file-system "$root"
    trap - EXIT
}
