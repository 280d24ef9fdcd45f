"""An input file becomes checked settings."""
