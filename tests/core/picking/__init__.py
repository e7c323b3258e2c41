"""Tests of choosing a model."""
