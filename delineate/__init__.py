"""The download service's typed client and command line."""

from importlib.metadata import version

__version__ = version("delineate")
