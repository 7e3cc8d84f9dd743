from django.urls import path

from chuzhi.console.stores import packs, views

urlpatterns = [
    path("", views.stores_page, name="stores"),
    path("add/", views.add, name="store_add"),
    path("<int:store_id>/", views.store, name="store"),
    path("<int:store_id>/pack/", packs.pack, name="store_pack"),
    path("<int:store_id>/tills/add/", views.add_till, name="till_add"),
    path("tills/<int:till_id>/", views.till, name="till_change"),
]
