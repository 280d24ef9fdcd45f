"""The state of a scan becomes its course: when it ends, what it shows, whether it is as before."""
