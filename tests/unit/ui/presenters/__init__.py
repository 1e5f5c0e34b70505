"""The presenters, tested without Qt."""
