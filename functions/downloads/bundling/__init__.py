"""Archives of a job's files, byte by byte, from any byte on. Standard library only."""
