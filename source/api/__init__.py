"""Calls from Python become scans, results, asked and told points: `import mlscanner`."""
