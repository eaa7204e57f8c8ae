"""Stories: which records of different centres or languages tell the same thing.

`facts` is what two records can contradict each other in, `linking` decides about two records,
`grouping` makes stories of links and editors' decisions, `linker` keeps them up to date.
"""
