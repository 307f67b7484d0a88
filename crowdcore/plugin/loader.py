"""Loading all plugins: find, check, order, import, register; a broken one never stops the others."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path
from types import MappingProxyType, ModuleType

from crowdcore.plugin.content import PortalContent, ReadContent, read_content
from crowdcore.plugin.contract import API_LEVEL
from crowdcore.plugin.dispatcher import Hooks
from crowdcore.plugin.find import Candidate, find
from crowdcore.plugin.importing import IMPORT_LIMIT_S, audit, import_module
from crowdcore.plugin.manifest import MANIFEST, Manifest
from crowdcore.plugin.partner_file import PARTNER_FILE
from crowdcore.plugin.problems import ContentError, FileProblem
from crowdcore.plugin.registry import Registry
from crowdcore.plugin.settings import Secrets


class PluginState(StrEnum):
    """How far a plugin has come."""

    FOUND = "found"  # its manifest is good; nothing was loaded yet
    INCOMPATIBLE = "incompatible"  # it needs a newer core
    INVALID = "invalid"  # its files or hooks are wrong
    BROKEN_IMPORT = "broken-import"  # its code cannot be imported; its data is used
    DISABLED = "disabled"  # the operator has switched it off
    LOADED = "loaded"
    DEGRADED = "degraded"  # works, but a secret or another plugin of its portal is missing


@dataclass(frozen=True, slots=True)
class LoadedPlugin:
    """One plugin after loading.

    Args:
        id: its id, or its folder's name when the manifest cannot be read.
        folder: where it is.
        state: how far it has come.
        manifest: what it says about itself; None when that cannot be read.
        hooks: hooks it implements, in the order of hookspecs.py.
        portal: content of its portal; None when it has none, or its data is wrong.
        problems: errors and warnings, sorted by place.
    """

    id: str
    folder: Path
    state: PluginState
    manifest: Manifest | None
    hooks: tuple[str, ...]
    portal: PortalContent | None
    problems: tuple[FileProblem, ...]


@dataclass(frozen=True, slots=True)
class Loaded:
    """All plugins of this installation.

    Args:
        plugins: in loading order.
        registry: their code.
    """

    plugins: tuple[LoadedPlugin, ...]
    registry: Registry

    @property
    def portals(self) -> Mapping[str, PortalContent]:
        """Content of every usable portal by partner id."""
        found = (plugin.portal for plugin in self.plugins if plugin.portal is not None)
        return MappingProxyType({portal.id: portal for portal in found})

    @property
    def problems(self) -> tuple[FileProblem, ...]:
        """Errors and warnings of all plugins."""
        return tuple(problem for plugin in self.plugins for problem in plugin.problems)

    def hooks(self, partner_id: str, *, is_open: Callable[[], bool]) -> Hooks:
        """Return the hooks of a portal.

        Args:
            partner_id: one of `portals`.
            is_open: whether a unit of work is open now.
        """
        portal = self.portals[partner_id]
        partner = portal.partner
        return Hooks(self.registry, portal.view(), partner.plugins, configs=partner.config, is_open=is_open)


def load(
    paths: Sequence[Path],
    *,
    registry: Registry | None = None,
    secrets: Secrets | None = None,
    disabled: Collection[str] = (),
    import_limit_s: float = IMPORT_LIMIT_S,
) -> Loaded:
    """Load every plugin on `paths` and among the installed distributions.

    A plugin that declares hooks and cannot be loaded stays in the registry as one that always fails: a
    portal that lists it must not lose a veto because of a typing error.

    Args:
        paths: folders that hold plugin folders, or are one.
        registry: where code is registered; None for a new one.
        secrets: where secrets come from; None for this process's.
        disabled: ids of plugins the operator has switched off.
        import_limit_s: seconds one plugin's import may take.

    Raises:
        Fault: a path is no folder. Everything else is in the plugins' states and problems.
    """
    candidates = find(paths)
    manifests = {found.id: found.manifest for found in candidates if found.manifest is not None}
    loading = _Loading(registry or Registry(), secrets or Secrets.of_process(), manifests, import_limit_s)
    plugins = [loading.plugin(found, is_disabled=found.id in disabled) for found in candidates]
    return Loaded(tuple(_degraded(_without_host_twins(plugins), loading.registry)), loading.registry)


@dataclass(frozen=True, slots=True)
class _Loading:
    registry: Registry
    secrets: Secrets
    manifests: Mapping[str, Manifest]
    import_limit_s: float

    def plugin(self, found: Candidate, *, is_disabled: bool) -> LoadedPlugin:
        """Load one plugin as far as it goes."""
        plugin = LoadedPlugin(
            id=found.id,
            folder=found.folder,
            state=PluginState.FOUND,
            manifest=found.manifest,
            hooks=(),
            portal=None,
            problems=found.problems,
        )
        manifest = found.manifest
        if manifest is None or found.problems:
            return self._failed(plugin, PluginState.INVALID)
        if is_disabled:
            return replace(plugin, state=PluginState.DISABLED)
        if not manifest.is_compatible:
            hint = f"upgrade crowdcore, or use an older version of {manifest.id!r}"
            message = f"needs API level {manifest.oldest}, this core has {API_LEVEL}"
            path = str(found.folder / MANIFEST)
            problem = FileProblem(path, 0, 0, "manifest.api_incompatible", message, hint)
            return self._failed(replace(plugin, problems=(problem,)), PluginState.INCOMPATIBLE)
        return self._with_code(self._with_content(plugin, manifest), manifest)

    def _with_content(self, plugin: LoadedPlugin, manifest: Manifest) -> LoadedPlugin:
        read: ReadContent = read_content(
            plugin.folder, plugin_id=manifest.id, manifests=self.manifests, secrets=self.secrets
        )
        is_wrong = any(not problem.warning for problem in read.problems)
        state = PluginState.INVALID if is_wrong else PluginState.LOADED
        return replace(plugin, state=state, portal=read.portal, problems=read.problems)

    def _with_code(self, plugin: LoadedPlugin, manifest: Manifest) -> LoadedPlugin:
        module = None
        if manifest.module is not None:
            plugin = replace(plugin, problems=(*plugin.problems, *audit(plugin.folder, manifest.packages)))
            try:
                module = import_module(plugin.folder, manifest.id, manifest.module, limit_s=self.import_limit_s)
            except ContentError as error:
                plugin = replace(plugin, problems=(*plugin.problems, *error.problems))
                return self._failed(plugin, PluginState.BROKEN_IMPORT)
        try:
            hooks = self._registered(plugin.folder, module, manifest)
        except ContentError as error:
            plugin = replace(plugin, problems=(*plugin.problems, *error.problems))
            return self._failed(plugin, PluginState.INVALID)
        return replace(plugin, hooks=hooks)

    def _registered(self, folder: Path, module: ModuleType | None, manifest: Manifest) -> tuple[str, ...]:
        """Register the code and compare it with `[uses] hooks`, by which upgrades are judged."""
        hooks = self.registry.register(module, manifest.id) if module is not None else ()
        if manifest.hooks == set(hooks):
            return hooks
        if module is not None:
            self.registry.unregister(manifest.id)
        message = f"[uses] hooks says {sorted(manifest.hooks)}, the code has {sorted(hooks)}"
        raise ContentError([FileProblem(str(folder / MANIFEST), 0, 0, "hook.undeclared", message)])

    def _failed(self, plugin: LoadedPlugin, state: PluginState) -> LoadedPlugin:
        if plugin.manifest is not None and plugin.id not in self.registry:
            self.registry.register_failing(plugin.id, plugin.manifest.hooks, f"it is {state}")
        return replace(plugin, state=state)


def _without_host_twins(plugins: Sequence[LoadedPlugin]) -> list[LoadedPlugin]:
    """Take the portals away whose host names another portal has too: nobody knows which one is meant."""
    owners: dict[str, list[str]] = defaultdict(list)
    for plugin in plugins:
        if plugin.portal is not None:
            for domain in plugin.portal.partner.domains:
                owners[domain.host].append(plugin.id)
    twins = {host: sorted(ids) for host, ids in owners.items() if len(ids) > 1}
    checked = []
    for plugin in plugins:
        problems = [
            FileProblem(
                str(plugin.folder / PARTNER_FILE),
                0,
                0,
                "domain.taken",
                f"the host {host!r} belongs to {' and '.join(ids)}; none of them is served",
            )
            for host, ids in sorted(twins.items())
            if plugin.id in ids
        ]
        if problems:
            plugin = replace(  # noqa: PLW2901 -- the plugin goes on without its portal
                plugin, state=PluginState.INVALID, portal=None, problems=(*plugin.problems, *problems)
            )
        checked.append(plugin)
    return checked


def _degraded(plugins: Sequence[LoadedPlugin], registry: Registry) -> list[LoadedPlugin]:
    """Mark portals that run without a secret, or without a plugin they list."""
    gone = {plugin.id: "is disabled" for plugin in plugins if plugin.state is PluginState.DISABLED}
    gone |= dict.fromkeys(registry.failing, "cannot be loaded; its hooks count as failing")
    judged = [_judged(plugin, gone) for plugin in plugins]
    return [replace(plugin, problems=tuple(sorted(plugin.problems))) for plugin in judged]


def _judged(plugin: LoadedPlugin, gone: Mapping[str, str]) -> LoadedPlugin:
    if plugin.state is not PluginState.LOADED or plugin.portal is None:
        return plugin
    path = str(plugin.folder / PARTNER_FILE)
    lost = [
        FileProblem(path, 0, 0, "partner.plugin_missing", f"plugin {name!r} {gone[name]}", warning=True)
        for name in plugin.portal.partner.plugins
        if name in gone
    ]
    has_no_secret = any(problem.code == "setting.secret_missing" for problem in plugin.problems)
    if not lost and not has_no_secret:
        return plugin
    return replace(plugin, state=PluginState.DEGRADED, problems=(*plugin.problems, *lost))
