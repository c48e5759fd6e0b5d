"""What can go wrong with a FHIRPath expression.

FhirPathError          it is not FHIRPath, or it asks for what cannot be answered
└── TooCostly          it looks at more than a resource may make it look at
"""


class FhirPathError(ValueError):
    """An expression that cannot be read or evaluated; the text never quotes what a resource holds."""


class TooCostly(FhirPathError):
    """The steps an evaluation may take are used up."""
