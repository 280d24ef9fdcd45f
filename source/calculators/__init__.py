"""A row of parameters becomes an evaluation: functions, programs, the built-in model."""
