"""Whether what is installed is what was chosen, and whether any of it is known to be vulnerable."""
