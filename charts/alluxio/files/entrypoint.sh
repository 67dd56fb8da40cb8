#!/usr/bin/env bash
# Masters of earlier installations are started by this file when their containers restart.
exec /entrypoint.sh "$@"
