from django.urls import path

from chuzhi.console.customers import changes, consents, contacts, merging, notes, records, relations, timeline, trail, views
from chuzhi.console.tasks import views as tasks

urlpatterns = [
    path("", views.customers_page, name="customers"),
    path("add/", views.add, name="customer_add"),
    path("<int:customer_id>/", views.customer, name="customer"),
    path("<int:customer_id>/edit/", views.edit, name="customer_edit"),
    path("<int:customer_id>/changes/", changes.changes, name="customer_changes"),
    path("<int:customer_id>/timeline/", timeline.timeline_page, name="customer_timeline"),
    path("<int:customer_id>/trail/", trail.trail_page, name="customer_trail"),
    path("<int:customer_id>/fields/<slug:key>/", views.reveal_field, name="customer_reveal_field"),
    path("<int:customer_id>/notes/", notes.notes_page, name="customer_notes"),
    path("<int:customer_id>/notes/<int:note_id>/pin/", notes.pin, name="customer_note_pin"),
    path("<int:customer_id>/tasks/", tasks.of_customer, name="customer_tasks"),
    path("<int:customer_id>/relations/", relations.relations, name="customer_relations"),
    path("<int:customer_id>/relations/<int:relation_id>/end/", relations.end, name="customer_relation_end"),
    path("<int:customer_id>/records/", records.of_customer, name="customer_records"),
    path("<int:customer_id>/records/add/<int:module_id>/", records.add, name="record_add"),
    path("<int:customer_id>/records/<int:record_id>/", records.edit, name="record"),
    path("<int:customer_id>/records/<int:record_id>/remove/", records.remove, name="record_remove"),
    path("<int:customer_id>/records/<int:record_id>/reveal/", records.reveal, name="record_reveal"),
    path("<int:customer_id>/contacts/", contacts.page, name="customer_contacts"),
    path("<int:customer_id>/contacts/proof/", contacts.proof, name="customer_proof"),
    path("<int:customer_id>/contacts/code/", contacts.code, name="customer_code"),
    path("<int:customer_id>/contacts/code/send/", contacts.send, name="customer_code_send"),
    path("<int:customer_id>/consents/", consents.consents, name="customer_consents"),
    path("<int:customer_id>/consents/<int:consent_id>/scan/", consents.document, name="consent_document"),
    path("consent-texts/", consents.consent_texts, name="consent_texts"),
    path("<int:customer_id>/phone/", views.reveal, name="customer_reveal"),
    path("<int:customer_id>/merge/", merging.merge, name="customer_merge"),
    path("merges/<int:merge_id>/", merging.merged, name="merge"),
    path("merges/<int:merge_id>/undo/", merging.undo, name="merge_undo"),
    path("<int:customer_id>/wallets/add/", views.open_wallet, name="customer_open_wallet"),
]
