#!/bin/bash
# Before the first document comes: Kibana's password, pipeline, life cycle, index template. May run again and again.
set -euo pipefail
es=${ELASTICSEARCH_URL:-http://elasticsearch:9200}
here=$(dirname "$0")

call() { # METHOD PATH BODY: fails where Elasticsearch refuses, and shows its reason
  printf '%s %s\n' "$1" "$2"
  # The password goes by a file descriptor: arguments are for everybody to see.
  curl -sS --fail-with-body -K <(printf 'user = "elastic:%s"\n' "$ELASTIC_PASSWORD") \
    -X "$1" "$es$2" -H 'content-type: application/json' -d "$3"
  echo
}

call POST /_security/user/kibana_system/_password @<(printf '{"password": "%s"}' "$KIBANA_PASSWORD")
call PUT /_ingest/pipeline/downloads-logs "@$here/pipeline.json"
call PUT /_ilm/policy/downloads-logs "@$here/lifecycle.json"
call PUT /_index_template/downloads-logs "@$here/index-template.json"
