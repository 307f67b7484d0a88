"""Mistakes in plugin files: what stands there, what is written instead, which code and which line follow."""

MANIFEST, PARTNER, CATALOG, EXAM = "plugin.toml", "partner.toml", "catalog.toml", "exams/first-steps.toml"
CHF = 'CHF = { guide = "59.00", low = "49.00", high = "79.00" }'
WAVE = 'at = "30s", radius_km = 30'


#: (file, what stands there, what is written instead, code, what stands on the line that is named)
def uses(line):
    """Return a mistake of [uses] as what is written instead of the end of a manifest."""
    return f"oldest = 1\n[uses]\n{line}"


def setting(lines):
    """Return a mistake of [config.key] as what is written instead of the end of a manifest."""
    return f"oldest = 1\n[config.key]\n{lines}"


LIVE = 'live = ["CH-BE", "CH-ZH"]'
FEE = 'platform_percent = "12.0"'
TO = 'to = "partner_support"\nshare'
EXTRA = "allowed = true, extra = { CHF"
KIND = 'kind = "install"'
LESSON = 'id = "tv-lesson"'
TITLE = "Fernbedienung verstehen"
ORDER = 'answer = ["c", "a", "d", "b"]'

MISTAKES = [
    # manifests (reliability 6.3)
    (MANIFEST, 'name = "Beispiel"', 'name = "Beispiel', "manifest.syntax", 'name = "Beispiel'),
    (MANIFEST, 'version = "1.0.0"\n', "", "manifest.required", "# The smallest"),
    (MANIFEST, "[api]\nbuilt_for = 1\noldest = 1\n", "", "manifest.required", "# The smallest"),
    (MANIFEST, 'id = "beispiel"', 'id = "Beispiel"', "manifest.name", 'id = "Beispiel"'),
    (MANIFEST, 'id = "beispiel"', 'id = "bei spiel"', "manifest.name", "id ="),
    (MANIFEST, 'id = "beispiel"', f'id = "{"b" * 60}"', "manifest.name", "id ="),
    (MANIFEST, 'id = "beispiel"', 'id = "core"', "manifest.name", "id ="),
    (MANIFEST, '"1.0.0"', '"v1..2"', "manifest.version", "version ="),
    (MANIFEST, "[api]", 'permisions = ["x"]\n[api]', "manifest.unknown_key", "permisions"),
    (MANIFEST, "oldest = 1", uses("hooks = ['chek_booking']"), "hook.unknown", "hooks ="),
    (
        MANIFEST,
        "oldest = 1",
        uses("permissions = ['job.writeall']"),
        "manifest.permission_unknown",
        "perm",
    ),
    (
        MANIFEST,
        "oldest = 1",
        uses("permissions = ['*']"),
        "manifest.permission_wildcard",
        "perm",
    ),
    (
        MANIFEST,
        "oldest = 1",
        uses("outgoing_hosts = ['*']"),
        "manifest.permission_host",
        "outgoing",
    ),
    (
        MANIFEST,
        "oldest = 1",
        uses("outgoing_hosts = ['10.0.0.1']"),
        "manifest.permission_host",
        "outgoing",
    ),
    (
        MANIFEST,
        "oldest = 1",
        uses("outgoing_hosts = ['a.example/x']"),
        "manifest.permission_host",
        "outgoing",
    ),
    (
        MANIFEST,
        "oldest = 1",
        setting("help = { neutral = 'x' }"),
        "setting.incomplete",
        "[config.key]",
    ),
    (MANIFEST, "oldest = 1", setting("type = 'text'"), "setting.incomplete", "[config.key]"),
    (
        MANIFEST,
        "oldest = 1",
        setting("type = 'text'\nhelp = { de = 'x', fr = 'x' }"),
        "i18n.missing",
        "help =",
    ),
    (
        MANIFEST,
        "oldest = 1",
        setting("type = 'secret'\nhelp = { neutral = 'x' }\ndefault = 'hunter2'"),
        "setting.secret_default",
        "default =",
    ),
    # partner.toml
    (PARTNER, 'brand = "Beispiel"', "brand = Norway", "partner.syntax", "brand ="),
    (PARTNER, 'brand = "Beispiel"', "brand = false", "type.text_expected", "brand ="),
    (PARTNER, 'id = "beispiel"', 'id = "anders"', "partner.id", "id ="),
    (PARTNER, 'status = "live"', 'status = "lve"', "value.choice", "status ="),
    (PARTNER, 'host = "beispiel.localhost"', 'host = "beispiel.localhost:8000"', "partner.host", "host ="),
    (PARTNER, "primary = true", "primary = false", "partner.primary_host", "[[domain]]"),
    (PARTNER, 'offered = ["de", "fr", "en"]', 'offered = ["de", "it"]', "value.choice", "offered ="),
    (PARTNER, ', en = "en-CH" }', " }", "partner.required", "formats ="),
    (PARTNER, 'currency = "CHF"', 'currency = "USD"', "value.choice", "currency ="),
    (PARTNER, 'currency = "CHF"', 'currency = "CHF"\nvat_percent = "77"', "vat.range", "vat_percent"),
    (PARTNER, "radius_km = 30\n", "radius_km = 0\n", "radius.range", "radius_km = 0"),
    (PARTNER, "radius_km = 30\n", "radius_km = 500\n", "radius.range", "radius_km = 500"),
    (PARTNER, WAVE, 'at = "20min", radius_km = 30', "waves.order", "waves ="),
    (PARTNER, WAVE, 'at = "30s", radius_km = 5', "waves.order", "waves ="),
    (PARTNER, 'at = "10min"', 'at = "4h"', "waves.order", "fallback_at"),
    (PARTNER, 'at = "0s"', 'at = "5s"', "waves.order", "waves ="),
    (PARTNER, 'kinds = ["friend", "profi", "internal"]', 'kinds = ["freind"]', "value.choice", "10min"),
    (PARTNER, 'preferred_wait = "60s"', 'preferred_wait = "90"', "duration.format", "preferred_wait"),
    (PARTNER, 'preferred_wait = "60s"', "preferred_wait = 90", "duration.format", "preferred_wait"),
    (PARTNER, 'notice_at = "60min"', 'notice_at = "3 days"', "duration.format", "notice_at"),
    (PARTNER, 'notice_at = "60min"', 'notice_at = "0s"', "duration.format", "notice_at"),
    (PARTNER, 'fallback = "partner_support"', 'fallback = "partner_suport"', "partner.no_such", "fallback ="),
    (PARTNER, LIVE, 'live = ["CH-BE", "CH-ZZ"]', "partner.region", "live ="),
    (
        PARTNER,
        'live = ["CH-BE", "CH-ZH"]',
        'live = ["CH-BE"]\npilot = ["CH-BE"]',
        "partner.duplicate",
        "pilot =",
    ),
    (
        PARTNER,
        'platform_percent = "12.0"',
        'platform_percent = "120"',
        "commission.range",
        "platform_percent",
    ),
    (
        PARTNER,
        'platform_percent = "12.0"',
        'platform_percent = "-1"',
        "type.number_expected",
        "platform_percent",
    ),
    (
        PARTNER,
        'platform_percent = "12.0"',
        "platform_percent = 12.0",
        "type.number_expected",
        "platform_percent",
    ),
    (PARTNER, 'phone = "+41 800 000 099"', 'phone = "0800 000 099"', "partner.phone", "phone ="),
    (PARTNER, TO, 'to = ""\nshare', "escalation.required", 'to = ""'),
    (PARTNER, TO, "share", "escalation.required", "[[escalation.reason]]"),
    (PARTNER, TO, 'to = "hotline"\nshare', "partner.no_such", "hotline"),
    (PARTNER, '"legal/imprint"', '"legal/imprnt"', "file.not_found", "pages ="),
    (PARTNER, '"legal/imprint"', '"../../etc/passwd"', "plugin.path_escape", "pages ="),
    (PARTNER, '"legal/imprint"', '"legal/../../passwd"', "plugin.path_escape", "pages ="),
    (PARTNER, 'list = ["beispiel"]', 'list = ["beispeil"]', "partner.unknown_plugin", "list ="),
    # catalog.toml (reliability 6.5)
    (CATALOG, None, "  \n\n", "file.empty", ""),
    (CATALOG, LESSON, "\tid = tv-lesson", "catalog.syntax", "id = tv-lesson"),
    (CATALOG, LESSON, "id = false", "type.text_expected", "id = false"),
    (CATALOG, LESSON, 'id = "tv-setup"', "catalog.duplicate", ("tv-setup", 2)),
    (CATALOG, LESSON, 'id = "tv lesson"', "catalog.code", "tv lesson"),
    (CATALOG, LESSON, f'id = "{"t" * 80}"', "catalog.code", "tttt"),
    (CATALOG, LESSON, 'id = "TV-lesson"', "catalog.code", "TV-lesson"),
    (CATALOG, ', fr = "Comprendre la télécommande"', "", "i18n.missing", "Fernbedienung verstehen"),
    (CATALOG, 'fr = "Comprendre la télécommande"', 'fr = " "', "i18n.missing", "Fernbedienung verstehen"),
    (
        CATALOG,
        'name = { neutral = "Beispiel TV-Box" }',
        'name = "TV-Box"',
        "i18n.one_text",
        'name = "TV-Box"',
    ),
    (CATALOG, 'en = "Understand the remote"', 'en = "Remote", it = "Tasti"', "i18n.language", "Tasti"),
    (CATALOG, TITLE, "Fernbedienung erklären, Maß nehmen", "i18n.swiss_ss", "Maß"),
    (CATALOG, TITLE, "Fern" * 20, "i18n.too_long", "FernFern"),
    (CATALOG, TITLE, "Fernbedienung {name}", "i18n.placeholders", "{name}"),
    (CATALOG, TITLE, "Fern\\u202Ebedienung", "text.form", "u202E"),
    (CATALOG, '"59.00"', '"49,90"', "money.format", "49,90"),
    (CATALOG, '"59.00"', '"CHF 49.90"', "money.format", "CHF 49.90"),
    (CATALOG, '"59.00"', "49.905", "money.format", "49.905"),
    (CATALOG, '"59.00"', "59.00", "money.format", "59.00,"),
    (CATALOG, '"59.00"', '"59.02"', "money.step", "59.02"),
    (CATALOG, CHF, CHF.replace("59", "00").replace("49", "00"), "price.zero", '"00.00"'),
    (CATALOG, '"59.00"', '"89.00"', "price.order", "89.00"),
    (CATALOG, '"49.00"', '"69.00"', "price.order", "69.00"),
    (CATALOG, "price = { CHF", "price = { EUR", "money.currency", "price = { EUR"),
    (CATALOG, 'currency = "CHF"', 'currency = "EUR"', "money.currency", "currency ="),
    (CATALOG, "typical = 45", "typical = 0", "duration.format", "typical = 0"),
    (CATALOG, "typical = 45", 'typical = "45"', "duration.format", 'typical = "45"'),
    (CATALOG, "typical = 45", "typical = 4320", "duration.format", "4320"),
    (CATALOG, "typical = 45", "typical = 120", "duration.order", "typical = 120"),
    (CATALOG, 'exam = "first-steps"', 'exam = "first-step"', "exam.unknown", 'exam = "first-step"'),
    (CATALOG, 'exam = "first-steps"\n', "", "product.no_qualification", ("[[service]]", 1)),
    (CATALOG, 'products = ["tv-box"]', 'products = ["tv-bax"]', "catalog.no_such", "tv-bax"),
    (CATALOG, 'products = ["tv-box"]', 'products = ["tv-box", "tv-box"]', "catalog.duplicate", "products"),
    (CATALOG, 'channels = ["friend", "profi"]', "channels = []", "catalog.required", "channels = []"),
    (CATALOG, 'channels = ["friend", "profi"]', 'channels = ["shop"]', "catalog.no_such", "shop"),
    (CATALOG, 'family = "tv"', 'family = "telly"', "value.choice", "telly"),
    (CATALOG, "on_demand =", "on_demad =", "catalog.unknown_key", "on_demad"),
    (
        CATALOG,
        "allowed = true, extra = { CHF",
        "allowed = true, extra = { EUR",
        "money.currency",
        "extra = { EUR",
    ),
    (
        CATALOG,
        KIND,
        KIND + '\nescalate = { when = ["device_falt"], to = "partner_support" }',
        "catalog.no_such",
        "device_falt",
    ),
    (
        CATALOG,
        'kind = "install"',
        'kind = "install"\nescalate = { when = ["device_fault"] }',
        "escalation.required",
        "escalate",
    ),
    (CATALOG, KIND, KIND + "\nincludes = 5", "type.list_expected", "includes = 5"),
    (CATALOG, "minutes = {", "minutes = 5 #", "type.table_expected", "minutes = 5"),
    # exams (reliability 6.5)
    (EXAM, "correct = true\n", "", "question.no_correct", ("[[question]]", 1)),
    (
        EXAM,
        'id = "a"\n',
        'id = "a"\ncorrect = true\n',
        "question.too_many_correct",
        ("[[question.choice]]", 1),
    ),
    (
        EXAM,
        "Mit Klebeband sichern",
        "Selbst anschrauben",
        "question.duplicate_answer",
        ("Selbst anschrauben", 2),
    ),
    (EXAM, ', en = "Screw it back on"', "", "i18n.missing", "Selbst anschrauben"),
    (EXAM, ORDER, 'answer = ["c", "a", "d", "e"]', "question.index", "answer ="),
    (EXAM, ORDER, 'answer = ["c", "a"]', "question.index", "answer ="),
    (EXAM, "pass_percent = 80", "pass_percent = 0", "exam.pass_mark", "pass_percent"),
    (EXAM, "pass_percent = 80", "pass_percent = 101", "exam.pass_mark", "pass_percent"),
    (EXAM, "pass_percent = 80", 'pass_percent = "80"', "exam.pass_mark", "pass_percent"),
    (EXAM, "pass_percent = 80", "pass_percent = 10", "exam.guessable", "pass_percent"),
    (EXAM, "count = 4", "count = 20", "exam.pool_too_small", "count = 20"),
    (EXAM, "minutes = 10", "minutes = 0", "exam.time_limit", "minutes = 0"),
    (EXAM, "tolerance = 0", "tolerance = -1", "question.tolerance", "tolerance"),
    (EXAM, "answer = 100", "answer = nan", "type.number_expected", "answer = nan"),
    (EXAM, "answer = 100", 'answer = "viel"', "type.number_expected", 'answer = "viel"'),
    (EXAM, 'id = "first-steps"', 'id = "anders"', "exam.code", "anders"),
    (EXAM, 'topic = "tv"\ncount', 'topic = "vt"\ncount', "exam.no_such", '"vt"'),
    (EXAM, 'id = "no-picture"', 'id = "torn-socket"', "exam.duplicate", ("torn-socket", 2)),
    (EXAM, 'id = "c"\n', 'id = "a"\n', "exam.duplicate", ('id = "a"', 2)),
    (EXAM, "valid_months = 24", 'valid_months = 24\nrequires = ["nothing"]', "exam.unknown", None),
    (EXAM, "valid_months = 24", 'valid_months = 24\nrequires = ["first-steps"]', "exam.cycle", None),
]
