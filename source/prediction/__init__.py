"""What a trained model is asked for: predictions, suggestions, validation."""
