"""crowdcore."""
