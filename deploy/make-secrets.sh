#!/bin/sh
# Makes what is missing below deploy/: passwords of the box, the cloud and the panel, and mosquitto's password file.
# The images run as uid 1000 (kerbwatch) and 1883 (mosquitto); run as root this gives them their files.
set -eu
cd "$(dirname "$0")"
umask 077
mkdir -p secret devices
for name in mqtt mqtt-cloud panel; do
  [ -s "secret/$name" ] || openssl rand -base64 24 >"secret/$name"
done
if [ ! -s mosquitto/passwd ]; then
  # Plain lines first; mosquitto_passwd -U replaces each password by its PBKDF2 digest.
  printf 'kwdev-0001:%s\nkerbwatch-cloud:%s\n' "$(cat secret/mqtt)" "$(cat secret/mqtt-cloud)" >mosquitto/passwd
  if command -v mosquitto_passwd >/dev/null; then
    mosquitto_passwd -U mosquitto/passwd
  else
    docker run --rm -v "$PWD/mosquitto:/work" eclipse-mosquitto:2 mosquitto_passwd -U /work/passwd
  fi
fi
if [ "$(id -u)" -eq 0 ]; then
  chown -R 1000:1000 secret devices
  chown 1883:1883 mosquitto/passwd
  chmod 0700 secret devices
  chmod 0600 mosquitto/passwd
elif [ "$(id -u)" -ne 1000 ]; then
  echo "deploy/make-secrets.sh: the containers run as uid 1000 and could not read these files: run this as root" >&2
  exit 1
fi
[ -s secret/c01 ] || echo "now write the password of camera c01 into deploy/secret/c01, for example: printf '%s\\n' PASSWORD | install -o 1000 -m 0600 /dev/stdin deploy/secret/c01"
