#!/usr/bin/env bash
# Prove the README's commands on a machine that has nothing: a Debian 12 root made by debootstrap, with python3 and
# git in it and no more. Run as root on any Debian or Ubuntu machine, from a checkout; what is committed is tested.
#
#   sudo harness/setup/bare_root.sh                 both commands: demo, then test
#   sudo harness/setup/bare_root.sh setup test      these ones
#   KEEP=1 sudo -E harness/setup/bare_root.sh       leave the root in place afterwards
#
# The package mirror, proxy and certificates are those this machine uses, read when it runs.
set -euo pipefail

suite=bookworm
commands=("$@")
[ $# -gt 0 ] || commands=(demo test)
checkout=$(git -C "$(dirname "$0")" rev-parse --show-toplevel)
say() { printf '[bare root, %4d s] %s\n' "$SECONDS" "$*"; }
die() { printf 'error: %s\n' "$*" >&2; exit 2; }

[ "$(id -u)" = 0 ] || die "debootstrap and chroot need root"
if ! command -v debootstrap >/dev/null; then
    apt-get install -yq debootstrap >/dev/null 2>&1 || { apt-get update -q && apt-get install -yq debootstrap; } >/dev/null
fi
mirror=$(apt-get indextargets --format '$(ORIGIN) $(CODENAME) $(COMPONENT) $(REPO_URI)' 'Created-By: Packages' |
    awk -v suite="$suite" '$1 == "Debian" && $2 == suite && $3 == "main" {print $4; exit}')

root=$(mktemp -d "${TMPDIR:-/var/tmp}/bare-root.XXXXXX")
leave() {
    for place in dev/shm proc; do ! mountpoint -q "$root/$place" || umount "$root/$place"; done
    if [ -n "${KEEP:-}" ]; then say "left at $root"; else rm -rf --one-file-system "$root"; fi
}
trap leave EXIT

say "debootstrap $suite"
debootstrap --variant=minbase --include=python3,git "$suite" "$root" ${mirror:+"$mirror"} >"$root.log" 2>&1 ||
    { tail -5 "$root.log" >&2; die "debootstrap failed; its log is $root.log"; }
rm -f "$root.log"
mount -t proc proc "$root/proc"
mkdir -p "$root/dev/shm" && mount -t tmpfs tmpfs "$root/dev/shm"

# How this machine reaches the network, whatever it is.
cp -L /etc/resolv.conf /etc/hosts "$root/etc/"
apt-config dump Acquire | grep -E '^Acquire::(https?|Retries)' >"$root/etc/apt/apt.conf.d/90host" || true
environment=(HOME=/root LANG=C.UTF-8 TERM=dumb PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin)
for name in http_proxy https_proxy no_proxy all_proxy HTTP_PROXY HTTPS_PROXY NO_PROXY ALL_PROXY \
    PIP_INDEX_URL PIP_DEFAULT_TIMEOUT UV_DEFAULT_INDEX; do
    [ -z "${!name:-}" ] || environment+=("$name=${!name}")
done
for name in SSL_CERT_FILE PIP_CERT REQUESTS_CA_BUNDLE CURL_CA_BUNDLE GIT_SSL_CAINFO; do
    [ -f "${!name:-}" ] || continue
    install -D -m 644 "${!name}" "$root/etc/host-certificates/$name.pem"
    environment+=("$name=/etc/host-certificates/$name.pem")
done
# The package ca-certificates makes its bundle anew when it is installed: from these too.
mkdir -p "$root/usr/local/share/ca-certificates"
cp -rL /usr/local/share/ca-certificates/. "$root/usr/local/share/ca-certificates/" 2>/dev/null || true

rm -rf "$root"/var/lib/apt/lists/* # as container images come
git clone -q --no-hardlinks "$checkout" "$root/root/filmbench"
used() { du -sxm "$root" | cut -f1; }
before=$(used)
say "bare: $before MB, $(chroot "$root" dpkg-query -W | wc -l) packages; $(git -C "$checkout" log -1 --format='%h %s')"

inside() { chroot "$root" env -i "${environment[@]}" bash -c "cd /root/filmbench && $1" </dev/null; }
for command in "${commands[@]}"; do
    started=$SECONDS
    say "python3 harness/setup/bootstrap.py $command"
    inside "python3 harness/setup/bootstrap.py $command" || die "'$command' failed with exit code $?"
    say "'$command' passed in $((SECONDS - started)) s; the root grew by $(($(used) - before)) MB"
done

say "once more: nothing may be installed"
inside 'before=$(date +%s%N); python3 harness/setup/bootstrap.py setup >/tmp/again
    [ "$(grep -cv skipped /tmp/again)" = 0 ] || { cat /tmp/again; exit 1; }
    echo "started in $((($(date +%s%N) - before) / 1000000)) ms"' || die "a second set-up installed something"
say "passed: ${commands[*]}"
