"""I11: for every claim that the simulator can make, a planted fault that makes it."""
