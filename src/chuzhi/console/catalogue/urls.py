from django.urls import path

from chuzhi.console.catalogue import importing, views

urlpatterns = [
    path("", views.products_page, name="products"),
    path("add/", views.add, name="product_add"),
    path("import/", importing.bring, name="product_bring"),
    path("import/<str:sha256>/", importing.check, name="product_check"),
    path("<int:product_id>/", views.product, name="product"),
    path("categories/", views.categories_page, name="categories"),
    path("categories/<int:category_id>/", views.category, name="category"),
]
