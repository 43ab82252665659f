"""Whether points are normal: what is measured, judged, named and printed."""
