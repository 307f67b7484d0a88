"""Words and values that every floor shares; imports nothing of crowdcore."""
