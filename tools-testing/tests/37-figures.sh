#!/bin/bash
# figures: what the documents and messages say is what the last measurement found
. "$(dirname "$0")/../checks.sh"

"$ROOT/tools-testing/bench/rst.py" check || bad=1
finish
