"""What happened to people; whoever wants to know connects to it."""

from django.dispatch import Signal

# An administrator was made on the command line. Arguments: user.
superuser_created = Signal()

# Somebody's account was closed and the person's own words deleted, in the same transaction. Arguments: user (the row
# that is left), email (the address that the person had), by (who closed it).
person_erased = Signal()
