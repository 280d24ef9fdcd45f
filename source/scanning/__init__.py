"""The state of a scan becomes its course: when it ends, what it shows, whether it is as before; and
further points for a best fit or a contour, which no model of the scan proposes."""
