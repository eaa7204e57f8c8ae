"""The environmental information platform of the China-ASEAN centre."""
