"""Loads a user's own lists (CIE-10, CPMS, UPS, IAFAS, RENIPRESS, LOINC) from the files they circulate in."""

from ayni.vocabulary.terminology.loading.layouts import LAYOUTS
from ayni.vocabulary.terminology.loading.loader import Layout, Loaded, load
from ayni.vocabulary.terminology.loading.report import Finding, UnreadableFile

__all__ = ["LAYOUTS", "Finding", "Layout", "Loaded", "UnreadableFile", "load"]
