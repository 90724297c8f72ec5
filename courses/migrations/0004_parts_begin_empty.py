from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("courses", "0003_teaching_and_offering"),
    ]

    operations = [
        migrations.AlterField(
            model_name="lesson",
            name="content",
            field=models.TextField(
                blank=True, help_text="Markdown. Headings start at ##.", verbose_name="content"
            ),
        ),
        migrations.AlterField(
            model_name="module",
            name="description",
            field=models.TextField(blank=True, verbose_name="description"),
        ),
    ]
