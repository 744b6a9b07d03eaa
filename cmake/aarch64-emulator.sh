#!/bin/sh
# Runs an AArch64 program under qemu's user mode: aarch64-emulator.sh PROGRAM ARGUMENT...
#
# The program is told that its name is this script's: what starts itself anew, as GoogleTest's death
# tests do, comes back here and is emulated again, without the kernel's binfmt_misc.
if [ -z "${XRAY_EMULATED_PROGRAM-}" ]; then
  XRAY_EMULATED_PROGRAM=$1
  export XRAY_EMULATED_PROGRAM
  shift
fi
exec qemu-aarch64 -L /usr/aarch64-linux-gnu -0 "$0" "$XRAY_EMULATED_PROGRAM" "$@"
