"""The parts that have to be faster than what they measure: in C, compiled when they are needed."""
