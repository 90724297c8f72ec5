"""An app whose tasks the tests of the worker run."""
