"""Version 1 of the API for quizzes and what hangs on them."""
