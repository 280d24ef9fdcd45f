"""The models: training them, saving them, reading them back."""
