#!/bin/sh
# Creates the buckets named by the arguments that $ENDPOINT has not yet, with the keys $ACCESS_KEY and $SECRET_KEY.
# Needs curl 7.86 or newer, which signs by version 4.
set -eu

call() { # METHOD BUCKET: tells the status
  option="--request $1"
  if [ "$1" = HEAD ]; then option=--head; fi
  # The keys come by stdin: arguments are there for everybody on the machine to read.
  printf 'user = "%s:%s"\n' "$ACCESS_KEY" "$SECRET_KEY" |
    curl --config - --silent --show-error --max-time 20 --output /dev/null --write-out '%{http_code}' \
      --aws-sigv4 "aws:amz:us-east-1:s3" $option "$ENDPOINT/$2"
}

for bucket in "$@"; do
  status=$(call HEAD "$bucket")
  if [ "$status" = 404 ]; then status=$(call PUT "$bucket"); fi
  if [ "$status" != 200 ]; then
    echo "bucket $bucket: the server answers $status" >&2
    exit 1
  fi
  echo "bucket $bucket is there"
done
