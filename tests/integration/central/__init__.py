"""Tests of the central store."""
