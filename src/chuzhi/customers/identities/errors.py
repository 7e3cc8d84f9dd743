from django.utils.translation import gettext_lazy as _

from chuzhi.core.errors import NotFound, Refused


class IdentityUnknown(NotFound):
    code = "identity.unknown"
    message = _("There is no such account in another channel.")


class ChannelUnusable(Refused):
    code = "identity.channel_unusable"
    message = _("A channel is called by 1 to 20 small letters, digits and hyphens, like “wechat” or “web-shop”.")


class AccountNumberUnusable(Refused):
    code = "identity.number_unusable"
    message = _("The number of an account in another channel is 1 to 200 printable characters without spaces.")


class IdentityIsTheirOwn(Refused):
    code = "identity.own"
    message = _("This record was made for this account: there is nothing to take it off from.")
