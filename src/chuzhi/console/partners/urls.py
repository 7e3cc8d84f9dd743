from django.urls import path

from chuzhi.console.partners import acts, views

partner = "<int:partner_id>/"

urlpatterns = [
    path("", views.partners_page, name="partners"),
    path("add/", views.add, name="partner_add"),
    path(partner, views.partner, name="partner"),
    path(f"{partner}contract/", views.contract_page, name="partner_contract"),
    path(f"{partner}statements/", views.statements_page, name="partner_statements"),
    path(f"{partner}people/", views.people_page, name="partner_people"),
    path(f"{partner}edit/", views.edit, name="partner_edit"),
    path(f"{partner}terms/", views.revise, name="partner_terms"),
    path(f"{partner}statements/<int:number>/", views.statement, name="partner_statement"),
    path(f"{partner}suspend/", acts.suspend, name="partner_suspend"),
    path(f"{partner}resume/", acts.resume, name="partner_resume"),
    path(f"{partner}end/", acts.end, name="partner_end"),
    path(f"{partner}pay/", acts.pay, name="partner_pay"),
    path(f"{partner}statements/issue/", acts.issue_statement, name="partner_statement_issue"),
    path(f"{partner}incidents/", acts.note_incident, name="partner_incident"),
    path(f"{partner}locations/", acts.add_location, name="partner_location"),
    path(f"{partner}invite/", acts.invite, name="partner_invite"),
    path(f"{partner}keys/", acts.add_key, name="partner_key_add"),
    path(f"{partner}keys/<int:key_id>/revoke/", acts.revoke_key, name="partner_key_revoke"),
    path("alarms/<int:alarm_id>/seen/", acts.see_alarm, name="partner_alarm_seen"),
    path("entries/<int:entry_id>/reverse/", acts.reverse, name="partner_entry_reverse"),
]
