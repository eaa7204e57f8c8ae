#!/bin/sh
# Make the secrets that docker-compose.yml reads, in deploy/secrets: once, before the first start.
# What is there already stays. Files are readable for containers, whose users are not ours; the
# folder is closed to everybody else on this machine.
set -eu
cd "$(dirname "$0")"
umask 022
mkdir -p secrets
chmod 700 secrets
cd secrets

random() { head -c 32 /dev/urandom | base64 | tr -d '/+=\n'; }

[ -s postgres-password ] || random > postgres-password
password=$(cat postgres-password)
[ -s hub-database-url ] || printf 'postgresql://bri:%s@postgres:5432/bri_hub' "$password" > hub-database-url
[ -s node-database-url ] || printf 'postgresql://bri:%s@postgres:5432/bri_{centre}' "$password" > node-database-url
[ -s hub-alerts-secret ] || random > hub-alerts-secret
[ -s changes-token ] || random > changes-token
[ -s meili-key ] || random > meili-key
[ -s meilisearch.toml ] || printf 'master_key = "%s"\n' "$(cat meili-key)" > meilisearch.toml
echo "secrets are in $(pwd)"
