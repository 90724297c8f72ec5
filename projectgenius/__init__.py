"""ProjectGenius: the foundation every app stands on, and the place where the apps are put together."""
