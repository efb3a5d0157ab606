# SPDX-License-Identifier: LGPL-2.1-or-later
"""One named test for each case that a method is marked for, so that each is reported and counted by itself."""


def over(cases):
    """Marks a test method that takes one more argument: `cases` is name -> argument."""
    def mark(method):
        method.cases = cases
        return method
    return mark


def spread(kind):
    """Replaces each marked method of a class by one test for each of its cases."""
    for name, method in list(vars(kind).items()):
        cases = getattr(method, 'cases', None)
        if cases is None:
            continue
        delattr(kind, name)
        for case, argument in cases.items():
            def test(self, method=method, argument=argument):
                return method(self, argument)
            test.__name__ = f'{name}_{case}'.replace('-', '_').replace('.', '_')
            setattr(kind, test.__name__, test)
    return kind
