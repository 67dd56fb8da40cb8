"""What must hold of all objects that an engine makes of a spec: one function for each rule.

A rule looks at a `Made` and yields findings: sentences that name the object, what is wrong, why that matters
and what to change. `fluid.engines.testing.rules.all` lists the rules.
"""
