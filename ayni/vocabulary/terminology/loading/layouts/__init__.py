"""The lists that can be loaded, by the name the command line gives them."""

from ayni.vocabulary.terminology.loading.layouts.cie10 import CIE10
from ayni.vocabulary.terminology.loading.layouts.cpms import CPMS
from ayni.vocabulary.terminology.loading.layouts.iafas import IAFAS
from ayni.vocabulary.terminology.loading.layouts.loinc import LOINC
from ayni.vocabulary.terminology.loading.layouts.renipress import RENIPRESS
from ayni.vocabulary.terminology.loading.layouts.ups import UPS

LAYOUTS = {layout.name: layout for layout in (CIE10, CPMS, IAFAS, LOINC, RENIPRESS, UPS)}
