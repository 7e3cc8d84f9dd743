"""Agreements to be charged later: signed on the payer's page, asked for, and ended by either side."""

from chuzhi.simulators.alipay.books import Agreement, Books, written
from chuzhi.simulators.alipay.dealing import NUMBER, Facts
from chuzhi.simulators.alipay.envelope import Asked, refused
from chuzhi.simulators.alipay.telling import Teller
from chuzhi.simulators.stage import Stage

CHANNELS = {"ALIPAYAPP", "QRCODE", "QRCODEORSMS"}


class Agreeing:
    """Every method is called under the stage's lock."""

    def __init__(self, stage: Stage, books: Books, teller: Teller) -> None:
        self._stage, self._books, self._teller = stage, books, teller

    def begin(self, asked: Asked) -> Agreement:
        """The payer has come to the page."""
        number, access = asked.need("external_agreement_no"), asked.content.get("access_params") or {}
        product, scene = asked.need("personal_product_code"), asked.need("sign_scene")
        if not NUMBER.fullmatch(number) or len(number) > 32 or access.get("channel") not in CHANNELS:
            raise refused("INVALID_PARAMETER", "参数有误")
        if asked.need("product_code") != "GENERAL_WITHHOLDING" or product != "GENERAL_WITHHOLDING_P":
            raise refused("PRODUCT_CODE_NOT_SUPPORTED", "签约产品码不支持")
        made = Agreement(
            number, self._books.fresh_number(self._stage.now())[:20], asked.app.app_id, product, scene,
            asked.may("external_logon_id"), asked.parameters.get("notify_url", ""), asked.parameters.get("return_url", ""),
        )  # fmt: skip
        known = self._books.agreements.setdefault((asked.app.app_id, number), made)
        if known.state == "UNSIGN":
            raise refused("EXTERNAL_AGREEMENT_NO_DUPLICATE", "商户签约号已被使用")
        return known

    def sign(self, agreement: Agreement) -> None:
        if agreement.state == "TEMP":
            agreement.state, agreement.signed_at = "NORMAL", self._stage.now()
            self._teller.agreement(agreement)

    def end(self, agreement: Agreement) -> None:
        agreement.state, agreement.ended_at = "UNSIGN", self._stage.now()
        self._teller.agreement(agreement)

    def query(self, asked: Asked) -> Facts:
        agreement = self._found(asked)
        return {
            "agreement_no": agreement.agreement_no,
            "external_agreement_no": agreement.number,
            "personal_product_code": agreement.product,
            "sign_scene": agreement.scene,
            "status": agreement.state,
            "principal_id": agreement.payer,
            "sign_time": written(agreement.signed_at),
            "invalid_time": "2115-02-01 00:00:00",
        }

    def unsign(self, asked: Asked) -> Facts:
        self.end(self._found(asked))
        return {}

    def _found(self, asked: Asked) -> Agreement:
        app_id, agreement_no = asked.app.app_id, asked.may("agreement_no")
        if agreement_no:
            agreement = self._books.by_agreement_no(app_id, agreement_no)
        else:
            number = asked.need("external_agreement_no")
            agreement = self._books.agreements.get((app_id, number))
            terms = (asked.need("personal_product_code"), asked.need("sign_scene"))
            agreement = agreement if agreement and (agreement.product, agreement.scene) == terms else None
        if agreement is None or agreement.state != "NORMAL":
            raise refused("USER_AGREEMENT_NOT_EXIST", "用户协议不存在")
        return agreement
