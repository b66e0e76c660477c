"""A telephone switch that is not there: phones that register and call by a script, or as in an office by day.

For the demo, for tests and for measurements. `script` and `day` say what happens, `switch` knows what that means for a
switch's own state, `sending` tells a gateway of it by the neutral contract. Started by `presence simulate`.
"""
