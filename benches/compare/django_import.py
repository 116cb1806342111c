"""The people of a CSV file by django-import-export, into Django's own User in empty tables:
django_import.py as-it-comes|bulk SQLITE-FILE|POSTGRESQL-SOCKET FILE

Prints the seconds of reading the file and the dry run that its admin page previews with, and those of reading it again
and importing. `as-it-comes` has the library's defaults; `bulk` has
what its documentation advises for many rows: use_bulk, skip_diff, and an instance loader that asks once.
"""

import os
import sys
import time

import django
from django.conf import settings


def database(place, how):
    """A file, or the folder of a socket: there the tables get a schema of their own beside Headroom's."""
    if not os.path.isdir(place):
        return {"ENGINE": "django.db.backends.sqlite3", "NAME": place}
    return {
        "ENGINE": "django.db.backends.postgresql",
        "HOST": place,
        "NAME": "headroom",
        "USER": "headroom",
        "OPTIONS": {"options": f'-c search_path="{how}"'},
    }


def main():
    how, place, file = sys.argv[1:]
    settings.configure(
        DATABASES={"default": database(place, how)},
        INSTALLED_APPS=["django.contrib.contenttypes", "django.contrib.auth", "import_export"],
        USE_TZ=True,
    )
    django.setup()

    from django.contrib.auth.models import User
    from django.core.management import call_command
    from django.db import connection
    from import_export import resources
    from import_export.instance_loaders import CachedInstanceLoader
    from tablib import Dataset

    class People(resources.ModelResource):
        class Meta:
            model = User
            import_id_fields = ("username",)
            fields = ("username", "email", "first_name", "last_name")

    class PeopleInBulk(People):
        class Meta(People.Meta):
            use_bulk = True
            skip_diff = True
            instance_loader_class = CachedInstanceLoader

    if connection.vendor == "postgresql":
        connection.cursor().execute(f'create schema "{how}"')
    call_command("migrate", verbosity=0)
    resource = PeopleInBulk() if how == "bulk" else People()
    seconds = []
    for dry_run in (True, False):
        started = time.monotonic()
        with open(file, encoding="utf-8", newline="") as opened:
            dataset = Dataset().load(opened, format="csv")
        result = resource.import_data(dataset, dry_run=dry_run, raise_errors=True)
        seconds.append(f"{time.monotonic() - started:.2f}")
    people = User.objects.count()
    if people != len(dataset) or result.totals["new"] != people:
        sys.exit(f"{people} people instead of {len(dataset)}: {dict(result.totals)}")
    print(*seconds)


main()
