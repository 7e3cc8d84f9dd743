from django.urls import path

from chuzhi.console.assisted import acts, views

urlpatterns = [
    path("", views.requests_page, name="assisted"),
    path("new/", views.find, name="assisted_find"),
    path("new/<int:wallet_id>/", views.take_down, name="assisted_new"),
    path("<str:number>/", views.request_page, name="assisted_request"),
    path("<str:number>/link/", acts.link, name="assisted_link"),
    path("<str:number>/link/cancel/", acts.cancel_link, name="assisted_link_cancel"),
    path("<str:number>/tender/", acts.tender, name="assisted_tender"),
    path("<str:number>/clear/", acts.clear, name="assisted_clear"),
    path("<str:number>/close/", acts.close, name="assisted_close"),
    path("<str:number>/documents/<int:document_id>/", views.document, name="assisted_document"),
]
