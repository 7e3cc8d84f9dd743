"""Every address asks for its scope; ids of other stores open nothing to a key of one store."""

import pytest

import cast
from api.program import Program
from chuzhi.api import site
from chuzhi.organization import keys
from chuzhi.organization.models import Store
from chuzhi.wallets import queries
from chuzhi.wallets.models import Wallet

pytestmark = pytest.mark.django_db

OPERATIONS = [
    (method.upper(), address, operation["operationId"])
    for address, methods in site.api.get_openapi_schema(path_prefix="")["paths"].items()
    for method, operation in methods.items()
]
SCOPES = {
    "listStores": "stores:read",
    **dict.fromkeys("listKiosks createKiosk linkKiosk revokeKiosk".split(), "kiosks:write"),
    **dict.fromkeys(
        "createBasket listHeldBaskets getBasket getBasketReceipt addToBasket changeBasketLine setBasketPayer holdBasket "
        "resumeBasket dropBasket payBasket lookAtBasketCode giveUpBasketCode".split(),
        "baskets:write",
    ),
    "askForBasketDiscount": "approvals:write",
    "sendBasketCodeBack": "refunds:write",
    "getSale": "wallets:read",
    "listCustomerSales": "wallets:read",
    "listBought": "wallets:read",
    "getCustomerTrail": "wallets:read",
    "getPaymentHabit": "wallets:read",
    "listPurchases": "wallets:read",
    "listMemberships": "wallets:read",
    "listProducts": "catalogue:read",
    "getProduct": "catalogue:read",
    "createProduct": "catalogue:write",
    "bringProducts": "catalogue:write",
    "changeProduct": "catalogue:write",
    "listCategories": "catalogue:read",
    "createCategory": "catalogue:write",
    "createOrder": "topups:write",
    "getOrder": "payments:read",
    "listWebhooks": "webhooks:write",
    "createWebhook": "webhooks:write",
    "rotateWebhook": "webhooks:write",
    "stopWebhook": "webhooks:write",
    "startWebhook": "webhooks:write",
    "testWebhook": "webhooks:write",
    "listWebhookCalls": "webhooks:write",
    "resendWebhookCall": "webhooks:write",
    "cancelOrder": "topups:write",
    "getOrderFollowUp": "notices:write",
    "setOrderFollowUp": "notices:write",
    "getTimeToCredit": "payments:read",
    "listPaymentIncidents": "payments:read",
    "closePaymentIncident": "incidents:write",
    "getOrderReceipt": "payments:read",
    "payOrder": "topups:write",
    "giveBackOrder": "refunds:write",
    "clearOrder": "payments:clear",
    "clearVoucherOrder": "payments:clear",
    "listWays": "payments:read",
    "getMandateText": "payments:read",
    "createMandate": "topups:write",
    "getMandate": "payments:read",
    "actOnMandate": "topups:write",
    "createImport": "imports:write",
    "listImports": "imports:write",
    "getImport": "imports:write",
    "listRejectedRows": "imports:write",
    "checkImport": "imports:write",
    "applyImport": "imports:write",
    "reverseImport": "imports:write",
    "tellImport": "imports:write",
    "listRowsAlike": "imports:write",
    "chooseRowsAlike": "imports:write",
    "acceptImport": "imports:write",
    "getImportAcceptance": "imports:write",
    "getBoard": "board:read",
    **dict.fromkeys("listTickets getTicket".split(), "tickets:read"),
    **dict.fromkeys(
        "openTicket noteTicket resolveTicket assignTicket freezeFromTicket unfreezeFromTicket".split(), "tickets:write"
    ),
    **dict.fromkeys("blockCardFromTicket replaceCardFromTicket sendAgainFromTicket".split(), "tickets:write"),
    "creditFromTicket": "tickets:credit",
    "listCustomerViews": "customers:read",
    **dict.fromkeys("keepCustomerView removeCustomerView".split(), "views:write"),
    **dict.fromkeys(
        "planCustomerAct getCustomerAct startCustomerAct undoCustomerAct listRefusedByCustomerAct".split(), "customers:bulk"
    ),
    **dict.fromkeys("planWalletAct getWalletAct startWalletAct listRefusedByWalletAct".split(), "wallets:bulk"),
    "listCustomerNotes": "customers:read",
    "listCustomerTimeline": "customers:read",
    "writeCustomerNote": "customers:write",
    "pinCustomerNote": "customers:write",
    "listAuditLines": "audit:read",
    "listReconciliationDays": "reconciliation:read",
    "listReconciliationCases": "reconciliation:read",
    "getPackReport": "reconciliation:read",
    "listCustody": "reconciliation:read",
    "takeInSettlementFile": "reconciliation:write",
    "listSettlementFiles": "reconciliation:read",
    "closeReconciliationCase": "reconciliation:write",
    "fixReconciliationCase": "reconciliation:write",
    "listReconciliationDayMovements": "reconciliation:read",
    "signOffReconciliationDay": "reconciliation:write",
    "reopenReconciliationDay": "reconciliation:write",
    "listPayouts": "reconciliation:read",
    "assignPayout": "reconciliation:write",
    "askToFixDifference": "approvals:write",
    "listClearingAccounts": "reconciliation:read",
    "listRiskCases": "risk:read",
    "getRiskCase": "risk:read",
    "actOnRiskCase": "risk:work",
    "noteRiskCase": "risk:work",
    "assignRiskCase": "risk:work",
    "closeRiskCase": "risk:work",
    "listRiskRules": "risk:read",
    "changeRiskRule": "risk:rules",
    "recogniseCustomer": "customers:write",
    "findIdentity": "customers:read",
    "listIdentities": "customers:read",
    "takeIdentityOff": "customers:write",
    "partIdentity": "customers:write",
    "listRetention": "audit:read",
    "setRetention": "privacy:write",
    "countDueForRemoval": "audit:read",
    "previewRiskRule": "risk:read",
    "choosePack": "stores:write",
    "previewPack": "stores:write",
    "calculateRefund": "refund-requests:read",
    "listRefundRequests": "refund-requests:read",
    "getRefundRequest": "refund-requests:read",
    "createRefundRequest": "refund-requests:write",
    "withdrawRefundRequest": "refund-requests:write",
    "approveRefundRequest": "refund-requests:decide",
    "refuseRefundRequest": "refund-requests:decide",
    "payRefundRequest": "refund-requests:pay",
    "getWalletLimits": "limits:read",
    "listLimits": "limits:read",
    "setLimit": "limits:write",
    "liftLimit": "limits:write",
    "listRaises": "limits:read",
    "getRaise": "limits:read",
    "applyForRaise": "raises:write",
    "withdrawRaise": "raises:write",
    "grantRaise": "raises:review",
    "refuseRaise": "raises:review",
    "listObstacles": "wallets:read",
    "listAssistedTopUps": "assisted:read",
    "createAssistedTopUp": "assisted:write",
    "getAssistedTopUp": "assisted:read",
    "sendPayLink": "assisted:write",
    "tenderAssistedTopUp": "assisted:write",
    "clearObstacle": "assisted:write",
    "closeAssistedTopUp": "assisted:write",
    "listPacks": "stores:read",
    "getPack": "stores:read",
    "listVoucherBatches": "vouchers:read",
    "orderVoucherBatch": "vouchers:write",
    "getVoucherBatch": "vouchers:read",
    "printVoucherBatch": "vouchers:write",
    "renewVoucherCodes": "vouchers:write",
    "sendVouchers": "vouchers:write",
    "takeVouchersBack": "vouchers:write",
    "voidVouchers": "vouchers:write",
    "countVouchers": "vouchers:count",
    "getVoucher": "vouchers:sell",
    "sellVoucher": "vouchers:sell",
    "sellPartnerVoucher": "partner:topup",
    "redeemVoucher": "vouchers:redeem",
    "lookAtVoucher": "vouchers:redeem",
    "listVoucherOffers": "vouchers:sell",
    "setVoucherOffer": "vouchers:write",
    "stopVoucherOffer": "vouchers:write",
    "createVoucherOrder": "vouchers:sell",
    "getVoucherOrder": "vouchers:sell",
    "payVoucherOrder": "vouchers:sell",
    "revealVoucherCodes": "vouchers:sell",
    "renewOrderedVoucherCodes": "vouchers:write",
    "giveBackVoucher": "refunds:write",
    "handInDocument": "documents:write",
    "fileCardApplication": "applications:write",
    "getCardApplication": "applications:write",
    "approveCardApplication": "applications:decide",
    "rejectCardApplication": "applications:decide",
    "findPayees": "partner:topup",
    "createPartnerTopUp": "partner:topup",
    "getOwnFloat": "partner:topup",
    "listOwnStatements": "partner:topup",
    "signStatement": "partner:topup",
    "objectToStatement": "partner:topup",
    "listPartners": "partners:read",
    "listPartnerEntries": "partners:read",
    "bookPartnerPayment": "partners:write",
    "issueStatement": "partners:write",
    "suspendPartner": "partners:write",
    "resumePartner": "partners:write",
    "listProgrammes": "wallets:read",
    "getProgramme": "wallets:read",
    "createProgramme": "programmes:write",
    "createTerms": "programmes:write",
    "closeProgramme": "programmes:write",
    "createCustomer": "customers:write",
    "findCustomers": "customers:read",
    "getCustomer": "customers:read",
    "listCustomerFields": "customers:read",
    "createCustomerField": "fields:write",
    "changeCustomerField": "fields:write",
    "archiveCustomerField": "fields:write",
    "restoreCustomerField": "fields:write",
    "changeCustomer": "customers:write",
    "listCustomerChanges": "customers:read",
    "findDuplicates": "customers:read",
    "mergeCustomers": "customers:merge",
    "getMerge": "customers:read",
    "undoMerge": "customers:merge",
    "openWallet": "wallets:write",
    "getWallet": "wallets:read",
    "listLots": "wallets:read",
    "listEntries": "wallets:read",
    "listJournal": "journal:read",
    "getStatement": "wallets:read",
    "freezeWallet": "wallets:freeze",
    "unfreezeWallet": "wallets:freeze",
    "closeWallet": "wallets:freeze",
    "issueCard": "wallets:write",
    "listCards": "wallets:read",
    "reportCardLost": "wallets:write",
    "reportCardFound": "wallets:write",
    "replaceCard": "wallets:write",
    "getCard": "wallets:read",
    "listOffers": "offers:read",
    "previewOffers": "offers:read",
    "getOffer": "offers:read",
    "createOffer": "offers:write",
    "changeOffer": "offers:write",
    "stopOffer": "offers:write",
    "resumeOffer": "offers:write",
    "listApprovals": "approvals:read",
    "getApproval": "approvals:read",
    "askForCorrection": "approvals:write",
    "askForGift": "approvals:write",
    "askForRefund": "approvals:write",
    "withdrawApproval": "approvals:write",
    "approve": "approvals:decide",
    "refuse": "approvals:decide",
    "reactivateWallet": "wallets:reactivate",
    "createGift": "gifts:write",
    "planGiftList": "gifts:write",
    "getGiftList": "gifts:write",
    "listGiftListLines": "gifts:write",
    "startGiftList": "gifts:write",
    "reverseGiftList": "gifts:write",
    "listMessages": "messages:read",
    "getMessage": "messages:read",
    "resendMessage": "messages:write",
    "listNotices": "notices:write",
    "createNotice": "notices:write",
    "removeNotice": "notices:write",
    "createTopUp": "topups:write",
    "refundTopUp": "refunds:write",
    "createCharge": "charges:write",
    "createCharges": "charges:write",
    "refundCharge": "refunds:write",
    "returnSale": "refunds:write",
    "createHold": "holds:write",
    "captureHold": "holds:write",
    "voidHold": "holds:write",
    "createTransfer": "transfers:write",
    **dict.fromkeys("planHandout getHandout listHandoutLines startHandout reverseHandout".split(), "transfers:write"),
    **dict.fromkeys("createGiftLink getGiftLink listGiftLinks takeGiftLink withdrawGiftLink".split(), "transfers:write"),
    **dict.fromkeys("getConsents listConsents listConsentTexts listRelations listContactProofs".split(), "customers:read"),
    **dict.fromkeys("recordConsent relateCustomers endRelation sendContactCode proveContact".split(), "customers:write"),
    **dict.fromkeys("listCustomerModules listModuleRecords listCustomerRecords".split(), "customers:read"),
    **dict.fromkeys(
        "createCustomerModule changeCustomerModule archiveCustomerModule restoreCustomerModule".split(), "fields:write"
    ),
    **dict.fromkeys("addCustomerRecord changeCustomerRecord removeCustomerRecord".split(), "customers:write"),
    "listCustomerTasks": "customers:read",
    **dict.fromkeys("addCustomerTask changeCustomerTask finishCustomerTask handOverCustomerTasks".split(), "customers:write"),
    "drawSample": "journal:read",
    "listCadence": "customers:read",
    **dict.fromkeys("setCadence liftCadence".split(), "cadence:write"),
    "publishConsentText": "consent-texts:write",
    "listMembers": "wallets:read",
    "listSharedWallets": "wallets:read",
    **dict.fromkeys("addMember changeMember stopMember resumeMember endMember".split(), "members:write"),
    "disputeTopUp": "disputes:write",
    "endDispute": "disputes:write",
    "getOperationByKey": "wallets:read",
    "getOperation": "wallets:read",
    "listShifts": "shifts:read",
    "getShift": "shifts:read",
    "openShift": "shifts:write",
    "moveCash": "shifts:write",
    "countShift": "shifts:write",
    "closeShift": "shifts:write",
    "takeInStatement": "statements:write",
    "listStatements": "statements:read",
    "listStatementLines": "statements:read",
    "listBankCases": "statements:read",
    "assignBankLine": "statements:write",
    "closeBankLine": "statements:write",
}


def test_every_operation_is_listed_with_its_scope() -> None:
    assert {name for _method, _address, name in OPERATIONS} == set(SCOPES)


@pytest.mark.parametrize(("method", "address", "name"), OPERATIONS, ids=[name for *_rest, name in OPERATIONS])
def test_a_key_that_has_every_other_scope_is_refused(method: str, address: str, name: str) -> None:
    program = Program(*(set(keys.SCOPES) - {SCOPES[name]}))
    place = address.replace("{", "").replace("}", "")

    answer = program.client.generic(method, f"/api/v1{place}", headers=program.headers("order-1"))

    assert (answer.status_code, answer["Content-Type"]) == (403, "application/problem+json")
    assert answer.json()["facts"] == {"scope": SCOPES[name]}


@pytest.mark.parametrize(
    ("address", "body"),
    [
        ("/charges", {"amount": 1}),
        ("/topups", {"amount": 1, "method": "cash"}),
        ("/holds", {"amount": 1}),
    ],
)
def test_a_key_of_one_store_does_nothing_in_another(
    address: str, body: dict[str, object], funded: Wallet, store: Store
) -> None:
    program = Program("charges:write", "topups:write", "holds:write", at=cast.store())
    before = queries.standing(funded)

    answer = program.post(address, body | {"wallet": str(funded.pk), "store": str(store.pk)})

    assert (answer.status_code, answer.json()["code"]) == (403, "store.not_yours")
    assert queries.standing(funded) == before


@pytest.mark.parametrize(
    ("made", "answered", "body"),
    [
        ("/charges", "/charges/{}/refunds", {"amount": 1, "reason": "x"}),
        ("/topups", "/topups/{}/refunds", {"method": "cash", "reason": "x"}),
        ("/holds", "/holds/{}/captures", {"amount": 1}),
        ("/holds", "/holds/{}/void", {}),
    ],
)
def test_a_key_of_one_store_does_not_answer_for_what_was_done_in_another(
    made: str, answered: str, body: dict[str, object], funded: Wallet, store: Store
) -> None:
    scopes = ("charges:write", "topups:write", "holds:write", "refunds:write")
    method = {"method": "cash"} if made == "/topups" else {}
    first = Program(*scopes).post(made, {"wallet": str(funded.pk), "store": str(store.pk), "amount": 100} | method)
    before = queries.standing(funded)

    answer = Program(*scopes, at=cast.store()).post(answered.format(first.json()["id"]), body)

    assert (answer.status_code, answer.json()["code"]) == (403, "store.not_yours")
    assert queries.standing(funded) == before
