"""Work that does not belong into a request: the queue's worker, its schedule, and mail."""
