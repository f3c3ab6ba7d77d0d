# shellcheck shell=bash
# SPDX-License-Identifier: MIT
# Sourced: installs a bare Debian into the directory $root. Output goes to $log; the caller defines
# skip WHY, which says in one line why it cannot be had, and exits with 77.

# shellcheck source=.ci/progress.sh
. "$(dirname "${BASH_SOURCE[0]}")/../../.ci/progress.sh"

: "${COSTRIX_MIRROR:=}"

find_mirror() {
    local targets
    # shellcheck disable=SC2016
    targets=$(apt-get indextargets --format '$(ORIGIN) $(REPO_URI)' 'Created-By: Packages')
    sed -n '/security/d; s/^Debian \([hf][a-z]*:[^ ]*\)$/\1/p' <<<"$targets" | sort -u | sed -n 1p
}

discard_new() {
    umount "$root.new/proc" 2>/dev/null || true
    rm -rf --one-file-system "$root.new"
}

# Runs a step of the installation; its output goes to the log, whose end says why it failed.
step() {
    local what=$1 why
    shift
    with_progress "$what" "$log" "$@" && return
    why=$(grep -E '^(E:|W:|debootstrap:|mount:)' "$log" | tail -n 1 || true)
    skip "$what failed: ${why:-see $log} (whole log: $log)"
}

# begin_root SUITE: installs it in $root.new, where the caller may install more.
begin_root() {
    : >"$log"
    command -v apt-get >/dev/null || skip "this machine has no apt-get"
    eval "$(apt-config shell http_proxy Acquire::http::Proxy)" && export http_proxy
    discard_new
    trap discard_new EXIT
    mkdir -p "$root.new/proc" "$root.new/etc/dpkg/dpkg.cfg.d"
    mount -t proc proc "$root.new/proc" 2>/dev/null || skip "mounting proc is not permitted here"
    umount "$root.new/proc"

    if ! command -v debootstrap >/dev/null || [ -z "${COSTRIX_MIRROR:=$(find_mirror)}" ]; then
        step "apt-get update" apt-get update
    fi
    command -v debootstrap >/dev/null || step "installing debootstrap" \
        env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends debootstrap
    : "${COSTRIX_MIRROR:=$(find_mirror)}"
    [ -n "$COSTRIX_MIRROR" ] || skip "no Debian mirror among apt's sources; set COSTRIX_MIRROR"

    # A throwaway system needs neither manuals nor a sync after every file.
    printf '%s\n' force-unsafe-io 'path-exclude=/usr/share/'{doc,man,locale}'/*' \
        >"$root.new/etc/dpkg/dpkg.cfg.d/costrix"
    step debootstrap debootstrap --variant=minbase "$1" "$root.new" "$COSTRIX_MIRROR"
    # No service may start by itself in there.
    printf '#!/bin/sh\nexit 101\n' >"$root.new/usr/sbin/policy-rc.d"
    chmod 755 "$root.new/usr/sbin/policy-rc.d"
}

# $root.new is complete: it becomes $root.
finish_root() {
    [ ! -d "$root" ] || rmdir "$root"
    mv "$root.new" "$root"
    trap - EXIT
}
