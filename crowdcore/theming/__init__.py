"""Corporate identity: the token contract, a partner's values proved readable, and its templates."""

from crowdcore.theming.assets import StaticFiles
from crowdcore.theming.layout import AccountView, Link, MailFrame, Page, PortalLook, Toast
from crowdcore.theming.templates import Templates
from crowdcore.theming.theme import Theme, plain_theme, read_theme

__all__ = [
    "AccountView",
    "Link",
    "MailFrame",
    "Page",
    "PortalLook",
    "StaticFiles",
    "Templates",
    "Theme",
    "Toast",
    "plain_theme",
    "read_theme",
]
