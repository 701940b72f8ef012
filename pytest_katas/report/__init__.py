"""Progress as a person, a program or a spreadsheet reads it.

A report is a value: lines of styled text, or one string. Nothing here knows a terminal or writes a file.
"""
