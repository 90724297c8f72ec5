"""Notes and flashcards."""
