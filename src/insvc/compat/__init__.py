"""The commands that the operators' page names, under their own names, telling the truth."""
