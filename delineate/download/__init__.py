"""A job's files to a folder: links, attempts, checks."""
