"""The environmental information platform of the Shanghai Cooperation Organisation's centre."""
