"""Kata: unit, integration, end-to-end. Which level sees it first?

Twelve slips, each in a service that is right but for this one. The tests of tasks 1 to 5 are run on it: those of
"unit" (tasks 1 and 2), of "integration" (tasks 3 and 4) and of "end-to-end" (task 5). Say for each slip the lowest
of the three levels that goes red. Predict before you measure.
"""

# --- Task 7: predict, then measure --------------------------------------------

LEVEL = {
    "d01": "unit",  # both directions agree: every link works, and every code differs from the contract
    "d02": "integration",  # whoever opens the file again finds nothing; a list has nothing to forget
    "d03": "end-to-end",  # nobody counts but the client at the other end of a connection
    "d04": "integration",  # a fake returns a value because somebody wrote it so
    "d05": "unit",  # one rule of many; nobody tries them all over HTTP
    "d06": "end-to-end",  # main is not called below this level
    "d07": "integration",  # the status is there as soon as there is an application
    "d08": "unit",  # -1 leads nowhere, just as a refusal does: from above they look alike
    "d09": "end-to-end",  # below, there is one thread
    "d10": "integration",  # the form is decoded in the application, with or without a network
    "d11": "end-to-end",  # only a process has a port
    "d12": "integration",  # the fake keeps the contract; whether SQL does, only SQL can say
}
