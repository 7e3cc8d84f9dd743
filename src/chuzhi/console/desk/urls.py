from django.urls import path

from chuzhi.console.desk import acts, views

urlpatterns = [
    path("", views.tickets_page, name="tickets"),
    path("new/", views.find, name="ticket_find"),
    path("new/<int:customer_id>/", views.new, name="ticket_new"),
    path("<int:ticket_id>/", views.ticket, name="ticket"),
    path("<int:ticket_id>/note/", views.note, name="ticket_note"),
    path("<int:ticket_id>/hand/", views.hand, name="ticket_hand"),
    path("<int:ticket_id>/credit/", acts.credit, name="ticket_credit"),
    path("<int:ticket_id>/standing/", acts.standing, name="ticket_standing"),
    path("<int:ticket_id>/lost/", acts.lost, name="ticket_lost"),
    path("<int:ticket_id>/replace/", acts.replace, name="ticket_replace"),
    path("<int:ticket_id>/again/", acts.again, name="ticket_again"),
]
