"""Mails over a real SMTP server that asks for a password: what arrives, and what happens while there is none."""

import asyncio
import dataclasses
import warnings
from email import message_from_bytes, policy

import pytest
from aiosmtpd.smtp import SMTP, AuthResult

from crowdcore.app.mail import transport
from crowdcore.base.errors import Fault
from crowdcore.partners.service import opened
from crowdcore.settings import Settings, use_settings
from tests.crash.processes import free_port


class Postbox:
    """Takes every mail from whoever knows the password."""

    def __init__(self):
        self.envelopes = []

    async def handle_DATA(self, server, session, envelope):  # noqa: N802 -- the library's name
        self.envelopes.append(envelope)
        return "250 kept"

    def serve(self):
        def known(server, session, envelope, mechanism, login):
            return AuthResult(success=(login.login, login.password) == (b"portal@example.ch", b"p/w"))

        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)  # that passwords are better sent with TLS
            return SMTP(self, authenticator=known, auth_require_tls=False, auth_required=True)

    @property
    def mails(self):
        return [message_from_bytes(envelope.content, policy=policy.default) for envelope in self.envelopes]


async def test_mails_wait_for_the_server_and_arrive_once(world, settings):
    postbox, port = Postbox(), free_port()
    use_settings(dataclasses.replace(settings, smtp_url=f"smtp://portal%40example.ch:p%2Fw@127.0.0.1:{port}"))
    customer, friend = await world.customer(), await world.friend()
    await world.book(customer)
    await world.take(friend)
    await world.advance(seconds=1)
    server = await asyncio.get_running_loop().create_server(postbox.serve, "127.0.0.1", port)
    for breaker in opened()["swisscom"].hooks._registry._breakers.values():
        breaker.reset()  # half a minute is over
    async with server:
        await world.advance(hours=1)
        await world.advance(hours=1)
        await asyncio.sleep(0.05)  # the last connection is closed
    mails = [mail for mail in postbox.mails if mail["To"] == customer.account.email]
    assert mails, "what could not be sent at once is lost"
    keys = [mail["Message-ID"] for mail in postbox.mails]
    assert len(keys) == len(set(keys)), "a mail came twice"
    for envelope, mail in zip(postbox.envelopes, postbox.mails, strict=True):
        assert (envelope.mail_from, envelope.rcpt_tos) == (mail["From"].addresses[0].addr_spec, [mail["To"]])
    assert {part.get_content_type() for part in mails[0].walk()} >= {"text/plain", "text/html"}


@pytest.mark.parametrize("address", ["http://mail.example", "smtp:", "mail.example:25"])
def test_an_address_that_is_none_is_a_fault(address):
    with pytest.raises(Fault, match="CROWDCORE_SMTP_URL"):
        transport(Settings(smtp_url=address))
