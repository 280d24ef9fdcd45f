"""A saved model and points become answers, suggestions, validation."""
