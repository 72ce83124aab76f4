"""The download service's typed client and command line."""
