from django.utils.translation import gettext_lazy as _

from chuzhi.core.errors import NotFound, Refused


class RelationUnknown(NotFound):
    code = "relation.unknown"
    message = _("There is no such relation.")


class RelatedAlready(Refused):
    code = "relation.twice"
    message = _("These two are known as that already.")


class RelatedToThemselves(Refused):
    code = "relation.same"
    message = _("Nobody is related to themselves.")


class RelationImpossible(Refused):
    code = "relation.impossible"
    message = _("The other way round is known already: one of the two has to be ended first.")
