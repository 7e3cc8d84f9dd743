from django.urls import path

from chuzhi.console.messages import views, wording

urlpatterns = [
    path("", views.log, name="messages"),
    path("inbox/", views.inbox_page, name="inbox"),
    path("inbox/read/", views.read, name="inbox_read"),
    path("texts/", wording.texts_page, name="message_texts"),
    path("texts/<str:name>/<str:language>/", wording.text, name="message_text"),
    path("notices/", wording.notices_page, name="notices"),
    path("notices/<int:notice_id>/remove/", wording.remove_notice, name="notice_remove"),
    path("<int:delivery_id>/", views.message, name="message"),
    path("<int:delivery_id>/resend/", views.resend, name="message_resend"),
]
