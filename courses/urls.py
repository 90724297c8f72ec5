"""Addresses of courses and certificates."""

from django.urls import path

from courses import media_views, offering_views, payment_views, views

app_name = "courses"
urlpatterns = [
    path("courses/", views.course_list, name="course_list"),
    path("courses/<slug:slug>/", views.course_detail, name="course_detail"),
    path("courses/<slug:slug>/enroll/", views.course_enroll, name="course_enroll"),
    path("courses/<slug:slug>/continue/", views.course_continue, name="course_continue"),
    path("courses/<slug:slug>/leave/", offering_views.course_leave, name="course_leave"),
    path("join/", offering_views.join, name="join"),
    path("join/<str:code>/", offering_views.join_code, name="join_code"),
    path("invitations/<str:token>/", offering_views.invitation, name="invitation"),
    path("courses/<slug:slug>/pay/", payment_views.course_pay, name="course_pay"),
    path("courses/<slug:slug>/end/", views.course_end, name="course_end"),
    path("courses/<slug:slug>/lessons/<int:pk>/", views.lesson_detail, name="lesson_detail"),
    path("courses/<slug:slug>/lessons/<int:pk>/complete/", views.lesson_complete, name="lesson_complete"),
    path("courses/<slug:slug>/lessons/<int:pk>/undo/", views.lesson_undo, name="lesson_undo"),
    path("courses/<slug:slug>/lessons/<int:pk>/position/", media_views.video_position, name="video_position"),
    path("course-images/<int:pk>/<str:name>", media_views.image_file, name="image_file"),
    path("lesson-videos/<int:pk>/<str:name>", media_views.video_file, name="video_file"),
    path("courses/covers/<str:name>", views.cover_file, name="cover_file"),
    path("resources/<int:pk>/", views.resource_download, name="resource_download"),
    path("payments/", payment_views.payment_list, name="payment_list"),
    path("payments/stripe/", payment_views.stripe_news, name="stripe_news"),
    path("payments/<int:pk>/", payment_views.payment_receipt, name="payment_receipt"),
    path("certificates/", views.certificate_list, name="certificate_list"),
    path("certificates/<str:code>.pdf", views.certificate_pdf, name="certificate_pdf"),
    path("verify/", views.certificate_lookup, name="certificate_lookup"),
    path("verify/<str:code>/", views.certificate_verify, name="certificate_verify"),
]
