#!/usr/bin/env bash
# Installs what a folder's package-lock.json pins into its node_modules, unless it is there already.
#   tests/npm_packages.sh FOLDER
set -euo pipefail
cd -- "$1"
done_for=node_modules/.installed-lock
if cmp -s package-lock.json "$done_for"; then exit 0; fi
npm ci --no-audit --no-fund --ignore-scripts --loglevel=error
cp package-lock.json "$done_for"
