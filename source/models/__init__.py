"""A training table becomes a fitted regressor or classifier with its spread, which can be saved."""
