"""What the fault suite is made of: a site that can be broken, people who use it meanwhile, the faults, and the judge."""
