"""Alipay's addresses: its gateway, the payer's pages, the file of a bill, and the switches of this stand-in."""

import base64
import json
import time
from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path

from chuzhi.simulators.alipay import envelope, identity, pages
from chuzhi.simulators.alipay.agreeing import Agreeing
from chuzhi.simulators.alipay.billing import Billing
from chuzhi.simulators.alipay.books import WAITING, Books, Trade, written, yuan
from chuzhi.simulators.alipay.dealing import Dealing, Facts
from chuzhi.simulators.alipay.envelope import Asked, No, refused
from chuzhi.simulators.alipay.identity import KEY_APP, SELLER, Identity
from chuzhi.simulators.alipay.switches import Switches
from chuzhi.simulators.alipay.telling import Teller
from chuzhi.simulators.stage import NOTICE_FIRST, Request, Response, Stage, run

UNKNOWN_ANSWER = "unknown_answer"  # do it, and answer that the system behind the gateway could not say
BUSY_ANSWER = "busy_answer"  # the same, in the words of the trade
FORGE_ANSWER = "forge_answer"
UNSIGNED_ANSWER = "unsigned_answer"
HEAD_START_SECONDS = 0.5


class Provider:
    def __init__(self, stage: Stage, known: Identity, seed: int) -> None:
        self.stage, self.identity, self.books = stage, known, Books(seed)
        teller = Teller(stage, known)
        self.dealing = Dealing(stage, self.books, teller)
        self.agreeing = Agreeing(stage, self.books, teller)
        self.billing = Billing(self.books, seed)
        self.switches = Switches(stage, known, self.books, self.dealing, self.agreeing, self.billing)
        self.methods: Mapping[str, Callable[[Asked], Facts]] = {
            "alipay.trade.precreate": self.dealing.precreate,
            "alipay.trade.pay": self.dealing.pay_now,
            "alipay.trade.query": self.dealing.query,
            "alipay.trade.close": self.dealing.close,
            "alipay.trade.cancel": self.dealing.cancel,
            "alipay.trade.refund": self.dealing.refund,
            "alipay.trade.fastpay.refund.query": self.dealing.query_refund,
            "alipay.user.agreement.query": self.agreeing.query,
            "alipay.user.agreement.unsign": self.agreeing.unsign,
            "alipay.data.dataservice.bill.downloadurl.query": self.bill_address,
            "alipay.open.app.alipaycert.download": self.certificate,
        }
        self.paged: Mapping[str, Callable[[Asked], str]] = {
            "alipay.trade.page.pay": self.cashier,
            "alipay.trade.wap.pay": self.cashier,
            "alipay.user.agreement.page.sign": self.agreement_page,
        }

    def gateway(self, request: Request) -> Response:
        parameters = envelope.parameters_of(request)
        method = parameters.get("method", "")
        try:
            asked = envelope.opened(parameters, self.identity)
        except No as no:
            return envelope.answered(method or "error", no.facts, None)
        if method in self.paged:
            return self.page(asked)
        answer = self.answer(asked)
        if self.stage.faults.strikes(NOTICE_FIRST):
            time.sleep(HEAD_START_SECONDS)
        return answer

    def answer(self, asked: Asked) -> Response:
        faults, signer = self.stage.faults, self.identity.signers[asked.app.app_id]
        with self.stage.lock:
            try:
                known = self.methods.get(asked.method)
                if known is None:
                    raise No("40006", "isv.insufficient-isv-permissions", "ISV权限不足")
                facts: Mapping[str, object] = {"code": "10000", "msg": "Success", **known(asked)}
            except No as no:
                facts = no.facts
        if faults.strikes(UNKNOWN_ANSWER):
            facts = No("20000", "aop.unknow-error", "系统繁忙").facts
        if faults.strikes(BUSY_ANSWER):
            facts = No("40004", "ACQ.SYSTEM_ERROR", "系统繁忙").facts
        is_signed = not faults.strikes(UNSIGNED_ANSWER)
        return envelope.answered(asked.method, facts, signer if is_signed else None, is_forged=faults.strikes(FORGE_ANSWER))

    def page(self, asked: Asked) -> Response:
        with self.stage.lock:
            try:
                return Response.page(self.paged[asked.method](asked))
            except No as no:
                return Response.page(pages.message(f"{no.facts['sub_msg']}（{no.facts['sub_code']}）"))

    def cashier(self, asked: Asked) -> str:
        return pages.cashier(self.dealing.begin(self.dealing.ordered(asked)))

    def agreement_page(self, asked: Asked) -> str:
        return pages.agreement(self.agreeing.begin(asked))

    def scan(self, request: Request) -> Response:
        with self.stage.lock:
            trade = self.books.shown.get(f"{self.stage.address}{request.path}")
            if trade is None:
                return Response.page(pages.message("二维码已失效"), 404)
            return Response.page(pages.cashier(self.dealing.begin(trade)))

    def wallet(self, _request: Request) -> Response:
        with self.stage.lock:
            trades = list(self.books.trades.values())
            return Response.page(pages.wallet(self.books.fresh_pay_code(), trades, self.books.agreements.values()))

    def pay_page(self, request: Request) -> Response:
        with self.stage.lock:
            trade = self.books.by_trade_no(request.parts[0])
            if trade is None:
                return Response.page(pages.message("交易不存在"), 404)
            if (known := self.dealing.known(trade.app_id, trade.number)) and known.state == WAITING:
                self.dealing.pay(trade)
            return Response.page(pages.paid(trade, self._way_back(trade)))

    def agreement_act(self, request: Request) -> Response:
        agreement_no, act = request.parts
        with self.stage.lock:
            found = next((each for each in self.books.agreements.values() if each.agreement_no == agreement_no), None)
            if found is None:
                return Response.page(pages.message("协议不存在"), 404)
            if act == "sign":
                self.agreeing.sign(found)
            elif found.state == "NORMAL":
                self.agreeing.end(found)
            return Response.page(pages.agreement(found))

    def bill_address(self, asked: Asked) -> Facts:
        try:
            on = date.fromisoformat(asked.may("bill_date"))
        except ValueError:
            raise refused("invalid_arguments", "入参不合法") from None
        token = self.billing.offer(on, self.stage.now()) if asked.may("bill_type") == "trade" else None
        if token is None:
            raise refused("isp.bill_not_exist", "账单不存在")
        return {"bill_download_url": f"{self.stage.address}/downloadBillFile.resource?fileId={token}"}

    def bill_file(self, request: Request) -> Response:
        with self.stage.lock:
            archive = self.billing.archive(request.query.get("fileId", ""), self.stage.now())
        return Response(archive, 200, {"Content-Type": "application/zip"}) if archive else Response(b"", 403)

    def certificate(self, asked: Asked) -> Facts:
        chain = self.identity.chains.get(asked.need("alipay_cert_sn"))
        if chain is None:
            raise refused("CERT_NOT_EXIST", "证书不存在")
        return {"alipay_cert_content": base64.b64encode(chain.encode()).decode()}

    def control(self, request: Request) -> Response:
        given = json.loads(request.body or b"{}")
        with self.stage.lock:
            try:
                return Response.json(self.switches.acts[request.parts[0]](given))
            except No as no:
                return Response.json(no.facts, 409)

    def _way_back(self, trade: Trade) -> str:
        """The payer returns with what was paid, signed; it proves nothing that a notice does not."""
        if not trade.return_url:
            return ""
        fields = {
            "charset": "utf-8",
            "method": "alipay.trade.page.pay.return",
            "version": "1.0",
            "app_id": trade.app_id,
            "seller_id": SELLER,
            "out_trade_no": trade.number,
            "trade_no": trade.trade_no,
            "total_amount": yuan(trade.amount),
            "timestamp": written(self.stage.now()),
        }
        mark = "&" if "?" in trade.return_url else "?"
        return f"{trade.return_url}{mark}{envelope.form(fields, self.identity.signers[trade.app_id]).decode()}"


def make(folder: Path, seed: int) -> Stage:
    stage = Stage("alipay", folder=folder, seed=seed)
    provider = Provider(stage, identity.kept_in(folder), seed)
    for method in ("GET", "POST"):
        stage.route(method, r"/gateway\.do")(provider.gateway)
    stage.route("GET", r"/")(provider.wallet)
    stage.route("GET", r"/qr/\d+")(provider.scan)
    stage.route("POST", r"/cashier/(\d+)/pay")(provider.pay_page)
    stage.route("POST", r"/agreement/(\d+)/(sign|end)")(provider.agreement_act)
    stage.route("GET", r"/downloadBillFile\.resource")(provider.bill_file)
    stage.route("POST", r"/_control/(\w+)")(provider.control)
    stage.books = lambda: {**provider.books.as_facts(), "bill_differences": provider.billing.planted}
    stage.account = lambda: provider.switches.account(KEY_APP)
    return stage


def main(arguments: list[str] | None = None) -> None:
    run(make, arguments)


if __name__ == "__main__":
    main()
