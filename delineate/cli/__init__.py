"""The command line: `delineate get` and the others."""
