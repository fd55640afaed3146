#!/bin/sh
# machine.sh: what each machine of the load "machines" runs: a service, with 16 MiB
# of its own.
exec python3 /srv/app.py 16 /tmp/none
