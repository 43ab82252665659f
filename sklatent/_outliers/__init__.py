"""Outliers among images."""
