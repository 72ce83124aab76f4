#!/bin/bash
# Imports the data views, the searches and the dashboard; what has the same id is overwritten. May run again and again.
set -euo pipefail
kibana=${KIBANA_URL:-http://kibana:5601}
answer=$(curl -sS --fail-with-body -K <(printf 'user = "elastic:%s"\n' "$ELASTIC_PASSWORD") \
  -X POST "$kibana/api/saved_objects/_import?overwrite=true" -H 'kbn-xsrf: setup' \
  -F "file=@$(dirname "$0")/saved-objects.ndjson")
echo "$answer"
# A refused object is no HTTP error.
[[ $answer == *'"success":true'* ]]
