"""What a user adds to a calculation: own programs and functions, observables, limits."""
