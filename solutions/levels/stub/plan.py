"""Kata: unit, integration, end-to-end. Which level sees it first?

Twelve slips, each in a service that is right but for this one. The tests of tasks 1 to 5 are run on it: those of
"unit" (tasks 1 and 2), of "integration" (tasks 3 and 4) and of "end-to-end" (task 5). Say for each slip the lowest
of the three levels that goes red. Predict before you measure.
"""

# --- Task 7: predict, then measure --------------------------------------------

LEVEL = {
    "d01": None,  # encode and decode: the capitals come before the small letters, 0-9 A-Z a-z
    "d02": None,  # LinkStore.add: the commit is forgotten
    "d03": None,  # make_app: Content-Length is the number of characters in the body
    "d04": None,  # LinkStore.get: the whole row is returned, and not the value in it
    "d05": None,  # Shortener.shorten: the scheme is checked, the host is not
    "d06": None,  # main: --db is parsed and not used; it is always links.db in the working folder
    "d07": None,  # make_app: the redirect is 301, moved for ever, and not 302
    "d08": None,  # decode: a character that is no digit is not refused, but counts as -1
    "d09": None,  # LinkStore: one connection is opened in __init__ and used by every thread
    "d10": None,  # make_app: the form is split at & and = by hand, and nothing is unquoted
    "d11": None,  # main: the port that was asked for is printed, and not the one it got
    "d12": None,  # LinkStore.add: nobody looks whether the URL is there already
}
