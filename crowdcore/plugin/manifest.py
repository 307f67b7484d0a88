"""plugin.toml: who a plugin is and what it needs, read without importing a line of it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from types import MappingProxyType

from crowdcore.plugin.contract import API_LEVEL, CONTRACTS
from crowdcore.plugin.fields import EMAIL, HOST
from crowdcore.plugin.problems import ContentError, FileProblem, did_you_mean
from crowdcore.plugin.schema import ContentFile, Table
from crowdcore.plugin.settings import Setting, declared_setting

MANIFEST = "plugin.toml"
RESERVED = frozenset({"kernel", "core", "crowdcore", "base", "plugin", "platform"})

_ID = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
_VERSION = re.compile(r"\d+(\.\d+){1,3}((a|b|rc)\d+)?")
_MODULE = re.compile(r"[a-z_][a-z0-9_]*")
_SETTING_NAME = re.compile(r"[a-z][a-z0-9_]{1,39}")
_MIN_ID, _MAX_ID = 2, 40
_HIGHEST_LEVEL = 1_000


class Tier(StrEnum):
    """The quality a plugin claims."""

    BRONZE = "bronze"
    SILVER = "silver"
    GOLD = "gold"
    PLATINUM = "platinum"


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a plugin says about itself.

    Args:
        id: unique over all plugins; never changes.
        version: PEP 440.
        name: what people call it.
        licence: SPDX expression.
        contact: mail address of the authors.
        security_contact: mail address for weaknesses; None for `contact`.
        tier: the quality it claims; None for none.
        built_for: API level it was written for.
        oldest: lowest API level it runs on.
        module: name of its Python module; None for a plugin that is data only.
        after: plugins that are loaded before it.
        before: plugins that are loaded after it.
        hooks: hooks it implements.
        outgoing_hosts: hosts it talks to.
        packages: import names of the libraries it needs beside the standard one.
        settings: what a partner may set, by name.
        content_hash: sha256 of the content, in hexadecimal.
    """

    id: str
    version: str
    name: str
    licence: str
    contact: str
    security_contact: str | None
    tier: Tier | None
    built_for: int
    oldest: int
    module: str | None
    after: frozenset[str]
    before: frozenset[str]
    hooks: frozenset[str]
    outgoing_hosts: frozenset[str]
    packages: frozenset[str]
    settings: Mapping[str, Setting]
    content_hash: str

    @property
    def is_compatible(self) -> bool:
        """Whether it runs on this core."""
        return self.oldest <= API_LEVEL


def read_manifest(folder: Path) -> Manifest:
    """Read the manifest in `folder`.

    Raises:
        ContentError: everything that is wrong with it (codes ``manifest.*``, ``setting.*``).
    """
    path = folder / MANIFEST
    if not path.is_file():
        hint = "every plugin folder has one; the smallest is in docs/plugins"
        raise ContentError([FileProblem(str(path), 0, 0, "manifest.missing", "there is no manifest", hint)])
    file = ContentFile.open(path, kind="manifest", swiss=False)
    manifest = _manifest(file.root, file.content_hash)
    file.finish()
    return manifest


def _manifest(root: Table, content_hash: str) -> Manifest:
    root.integer("schema", low=1, high=1)
    api = root.table("api")
    order = root.table("order") if root.has("order") else None
    uses = root.table("uses") if root.has("uses") else None
    return Manifest(
        id=_id(root),
        version=root.string("version", form=_VERSION, code="manifest.version"),
        name=root.string("name", max_length=60),
        licence=root.string("licence", max_length=60),
        contact=root.string("contact", form=EMAIL, code="manifest.contact"),
        security_contact=_security_contact(root),
        tier=root.choice("tier", Tier) if root.has("tier") else None,
        built_for=api.integer("built_for", low=1, high=_HIGHEST_LEVEL),
        oldest=api.integer("oldest", low=1, high=_HIGHEST_LEVEL),
        module=_module(root),
        after=frozenset(order.slugs("after")) if order else frozenset(),
        before=frozenset(order.slugs("before")) if order else frozenset(),
        hooks=_hooks(uses) if uses else frozenset(),
        outgoing_hosts=_outgoing_hosts(uses) if uses else frozenset(),
        packages=frozenset(uses.strings("packages")) if uses else frozenset(),
        settings=_settings(root.table("config")) if root.has("config") else MappingProxyType({}),
        content_hash=content_hash,
    )


def is_plugin_id(value: str) -> bool:
    """Return whether a plugin may be called `value`."""
    return _has_id_form(value) and value not in RESERVED


def _has_id_form(value: str) -> bool:
    return _ID.fullmatch(value) is not None and _MIN_ID <= len(value) <= _MAX_ID


def _id(root: Table) -> str:
    plugin_id = root.string("id")
    if plugin_id and not _has_id_form(plugin_id):
        hint = f"small letters, digits and single hyphens, {_MIN_ID} to {_MAX_ID} characters"
        root.problem("id", "manifest.name", f"the id {plugin_id[:_MAX_ID]!r} has the wrong form", hint=hint)
    elif plugin_id in RESERVED:
        root.problem("id", "manifest.name", f"the id {plugin_id!r} is reserved for the core")
    return plugin_id


def _security_contact(root: Table) -> str | None:
    if not root.has("security_contact"):
        return None
    return root.string("security_contact", form=EMAIL, code="manifest.contact")


def _module(root: Table) -> str | None:
    if not root.has("code"):
        return None
    return root.table("code").string("module", form=_MODULE, code="manifest.module")


def _hooks(uses: Table) -> frozenset[str]:
    names = uses.strings("hooks")
    for name in names:
        if name and name not in CONTRACTS:
            hint = did_you_mean(name, CONTRACTS) or f"hooks: {', '.join(CONTRACTS)}"
            uses.problem("hooks", "hook.unknown", f"there is no hook {name!r}", hint=hint)
    for permission in uses.strings("permissions"):
        code = "manifest.permission_wildcard" if "*" in permission else "manifest.permission_unknown"
        uses.problem("permissions", code, f"there is no permission {permission!r}; plugins need none yet")
    return frozenset(names)


def _outgoing_hosts(uses: Table) -> frozenset[str]:
    hosts = uses.strings("outgoing_hosts")
    for host in hosts:
        is_address = host.replace(".", "").isdigit()
        if host and (is_address or not HOST.fullmatch(host)):
            hint = "a host name only: no scheme, path, port, address or wildcard"
            uses.problem("outgoing_hosts", "manifest.permission_host", f"{host!r} is no host", hint=hint)
    return frozenset(hosts)


def _settings(config: Table) -> Mapping[str, Setting]:
    settings = {}
    for name in config.keys():  # noqa: SIM118 -- a Table is not a mapping; keys() also declares them known
        if not _SETTING_NAME.fullmatch(name):
            config.problem(name, "manifest.name", f"the setting {name!r} has the wrong form")
        settings[name] = declared_setting(name, config.table(name))
    return MappingProxyType(settings)
