"""MLscanner."""
