"""What the fault suite is made of: a site that can be broken, people who use it, the faults, and the judge."""
