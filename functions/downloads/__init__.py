"""The download domain: what a job is, what is done with it, and the AWS services that carry it."""

VERSION = "0.1.0"
