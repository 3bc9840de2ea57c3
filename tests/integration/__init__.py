"""A package, so that moto is started once for all of its tests."""
