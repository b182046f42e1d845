"""Makes the databases of the Django program that the import is tested on.

    python3 make.py NAME sqlite FILE     # fills the new FILE and dumps it into NAME.sqlite.sql
    python3 make.py NAME postgres URL    # the same with an empty database, into NAME.postgres.sql

old: Debian 12's python3-django 3.2 and python3-django-allauth 0.51 (with
python3-psycopg2, python3-jwt). new: PyPI's django 5.2 and
django-allauth[socialaccount] 65.13.0 (with psycopg2-binary, pyjwt). Beside the dumps
it writes NAME.json: what Django signed with the secret key below.
"""
import datetime as dt
import json
import subprocess
import sys
from urllib.parse import urlparse

import django
import jwt
from django.conf import settings

NAME, ENGINE, WHERE = sys.argv[1:4]
SECRET_KEY = "a-secret-key-that-only-these-tests-know-0123456789"
UTC = dt.timezone.utc
NOW = dt.datetime(2026, 11, 24, 9, 30, 15, 123456, tzinfo=UTC)

database = {"ENGINE": "django.db.backends.sqlite3", "NAME": WHERE}
if ENGINE == "postgres":
    url = urlparse(WHERE)
    database = {"ENGINE": "django.db.backends.postgresql", "NAME": url.path[1:], "USER": url.username,
                "HOST": url.hostname, "PORT": url.port}
settings.configure(
    SECRET_KEY=SECRET_KEY, USE_TZ=True, DATABASES={"default": database}, SITE_ID=1,
    DEFAULT_AUTO_FIELD="django.db.models.BigAutoField", ROOT_URLCONF=__name__,
    # Few rounds, so that the tests are quick.
    PASSWORD_HASHERS=["django.contrib.auth.hashers.PBKDF2PasswordHasher"],
    INSTALLED_APPS=["django.contrib.admin", "django.contrib.auth", "django.contrib.contenttypes", "django.contrib.sessions",
                    "django.contrib.messages", "django.contrib.sites", "allauth", "allauth.account", "allauth.socialaccount"],
    MIDDLEWARE=["allauth.account.middleware.AccountMiddleware"] if sys.argv[1] == "new" else [],
)
django.setup()

from django.contrib.admin.models import LogEntry
from django.contrib.auth.hashers import PBKDF2PasswordHasher
from django.contrib.auth.models import Group, Permission, User
from django.contrib.auth.tokens import default_token_generator
from django.contrib.contenttypes.models import ContentType
from django.core import signing
from django.core.management import call_command
from django.db import connection, models
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_encode

PBKDF2PasswordHasher.iterations = 1000
urlpatterns = []


class ContactMessage(models.Model):
    name = models.CharField(max_length=200)
    email = models.EmailField()
    message = models.TextField()
    status = models.CharField(max_length=20, default="pending")
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True)
    error_message = models.TextField(null=True)

    class Meta:
        app_label = "contact"


class Project(models.Model):
    name = models.CharField(max_length=255)
    status = models.CharField(max_length=20)
    description = models.TextField()
    progress = models.IntegerField(default=0)
    due_date = models.CharField(max_length=50)
    team_size = models.IntegerField(default=1)
    digitalpath_responsible = models.CharField(max_length=100)
    client_responsible = models.CharField(max_length=100)
    client_company = models.CharField(max_length=255)
    tasks_total = models.IntegerField(default=0)
    tasks_completed = models.IntegerField(default=0)
    budget = models.CharField(max_length=50)
    implementation_time = models.CharField(max_length=50)
    last_update = models.CharField(max_length=50)
    full_scope = models.TextField()
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()

    class Meta:
        app_label = "projects"


class Child(models.Model):
    name = models.CharField(max_length=255)
    description = models.TextField()
    order = models.IntegerField(default=0)

    class Meta:
        abstract = True


class DataSource(Child):
    project = models.ForeignKey(Project, models.CASCADE)
    type = models.CharField(max_length=100)

    class Meta:
        app_label = "projects"


class Report(Child):
    project = models.ForeignKey(Project, models.CASCADE)
    frequency = models.CharField(max_length=100)

    class Meta:
        app_label = "projects"


class Analytic(Child):
    project = models.ForeignKey(Project, models.CASCADE)
    type = models.CharField(max_length=100)

    class Meta:
        app_label = "projects"


class AIIntegration(models.Model):
    project = models.OneToOneField(Project, models.CASCADE)
    enabled = models.BooleanField(default=False)
    features = models.JSONField(default=list)
    models = models.JSONField(default=list)

    class Meta:
        app_label = "projects"


class WaitlistEntry(models.Model):  # the original's
    email = models.EmailField()
    timestamp = models.DateTimeField()
    updated = models.DateTimeField()
    user = models.ForeignKey(User, models.SET_NULL, null=True)
    description = models.TextField(null=True)

    class Meta:
        app_label = "waitlists"


class Waitlist(models.Model):  # the documentation's
    email = models.EmailField(unique=True)
    first_name = models.CharField(max_length=100)
    last_name = models.CharField(max_length=100)
    company = models.CharField(max_length=200, blank=True)
    created_at = models.DateTimeField()
    notified = models.BooleanField(default=False)

    class Meta:
        app_label = "waitlists"


class OutstandingToken(models.Model):
    user = models.ForeignKey(User, models.SET_NULL, null=True)
    jti = models.CharField(max_length=255, unique=True)
    token = models.TextField()
    created_at = models.DateTimeField(null=True)
    expires_at = models.DateTimeField()

    class Meta:
        app_label = "token_blacklist"


class BlacklistedToken(models.Model):
    token = models.OneToOneField(OutstandingToken, models.CASCADE)
    blacklisted_at = models.DateTimeField()

    class Meta:
        app_label = "token_blacklist"


ours = [ContactMessage, WaitlistEntry, Waitlist]
if NAME == "new":  # the original has no migrations for its projects: here they are private ones
    ours += [Project, DataSource, Report, Analytic, AIIntegration, OutstandingToken, BlacklistedToken]

call_command("migrate", verbosity=0)
with connection.schema_editor() as editor:
    for model in ours:
        editor.create_model(model)
for model in ours:
    content_type = ContentType.objects.get_for_model(model)
    for verb in ["add", "change", "delete", "view"]:
        Permission.objects.create(content_type=content_type, codename=f"{verb}_{model._meta.model_name}", name=verb)


def ago(**kwargs):
    return NOW - dt.timedelta(**kwargs)


def user(username, email, password=None, *, verified=None, **fields):
    fields.setdefault("date_joined", ago(days=40))
    row = User(username=username, email=email, **fields)
    if password:
        row.set_password(password)
    else:
        row.set_unusable_password()
    row.save()
    if verified is not None:
        return row, address(row, email, verified)
    return row


def address(owner, email, verified, primary=True):
    from allauth.account.models import EmailAddress
    return EmailAddress.objects.create(user=owner, email=email, verified=verified, primary=primary)


# Everybody whom the import has to get right.
admin = user("admin", "admin@digitalpath.test", "changeme123", is_superuser=True, is_staff=True, last_login=ago(days=1))
ann, _ = user("Ann", "Ann.Lee@Example.com", "correct horse 41", verified=True, first_name="Ann", last_name="Lee", last_login=ago(hours=30))
bob, bob_address = user("bob", "bob@example.com", "battery staple 42", verified=False, is_active=False)  # waits
carl, _ = user("carl", "carl@example.com", "disabled carl 43", verified=True, is_active=False, last_login=ago(days=9))  # disabled
dora = user("dora", "", "dora has no mail 44", last_login=None)
emil = user("emil", "", "emil has none either 45")
twin1 = user("twin1", "twin@example.com", "first of two 46", verified=False)[0]
twin2 = user("twin2", "TWIN@example.com", "second of two 47", verified=True)[0]
ann2 = user("ann", "another.ann@example.com", "lower case ann 48")
gina = user("gina", "gina@gmail.test", None, last_login=ago(hours=2))
address(gina, "gina@gmail.test", True)
address(ann, "ann@work.example.com", True, primary=False)
deleted = user("gone", "gone@example.com", "gone 49")
deleted_id = deleted.pk
deleted.delete()

editors = Group.objects.create(name="Editors")
for codename in ["view_contactmessage", "change_contactmessage", "view_waitlistentry"]:
    editors.permissions.add(Permission.objects.get(codename=codename))
editors.permissions.add(Permission.objects.get(codename="add_emailaddress"))
ann.groups.add(editors)
ann.user_permissions.add(Permission.objects.get(codename="view_user"))


def social(owner, provider, uid, days, data):
    from allauth.socialaccount.models import SocialAccount
    row = SocialAccount.objects.create(user=owner, provider=provider, uid=uid, extra_data=data)
    SocialAccount.objects.filter(pk=row.pk).update(date_joined=ago(days=days + 10), last_login=ago(days=days))


social(gina, "google", "g-old", 20, {"email": "gina.old@gmail.test"})
social(gina, "google", "g-new", 1, {"email": "gina@gmail.test", "verified_email": True})
social(ann, "github", "4711", 3, {"login": "ann", "email": None})
social(bob, "facebook", "fb-1", 3, {})
from allauth.socialaccount.models import SocialApp
SocialApp.objects.create(provider="google", name="Google", client_id="of-the-database.apps.test", secret="not-taken")


def message(name, status, **fields):
    ContactMessage.objects.create(**{"name": name, "email": "visitor@example.com", "message": f"Hello from {name}", "status": status,
                                     "created_at": ago(days=3), "updated_at": ago(days=2), **fields})


message("Sent", "sent", sent_at=ago(days=2))
message("Pending", "pending")
message("Failed", "failed", error_message="SMTP said no")
message("Ünïcödé 🚀", "sent", sent_at=ago(days=1), message="多行\nzwei\r\nthree \\ 'quoted'")
message("Odd", "queued")

WaitlistEntry.objects.create(email="First@Example.com", timestamp=ago(days=9), updated=ago(days=9), user=None, description="oldest")
WaitlistEntry.objects.create(email="first@example.com", timestamp=ago(days=5), updated=ago(days=5), user=ann, description="later")
WaitlistEntry.objects.create(email="second@example.com", timestamp=ago(days=4), updated=ago(days=3), user=ann, description=None)
WaitlistEntry.objects.create(email="", timestamp=ago(days=4), updated=ago(days=3))
Waitlist.objects.create(email="second@example.com", first_name="Sec", last_name="Ond", created_at=ago(days=2), notified=True)
Waitlist.objects.create(email="third@example.com", first_name="Thi", last_name="Rd", company="Three & Co", created_at=ago(days=1), notified=True)

contact_type = ContentType.objects.get_for_model(ContactMessage)
for owner, target, text, flag, what in [
    (admin, "1", "Sent", 1, json.dumps([{"added": {}}])),
    (ann, "3", "Failed", 2, json.dumps([{"changed": {"fields": ["Status", "Name"]}}])),
    (ann, "99", "Spam", 3, ""),
    (ann, "1", "Sent", 2, "Changed status, as Django 1.9 wrote it."),
    (ann, "abc", "no number", 2, "[]"),
]:
    LogEntry.objects.create(user=owner, content_type=contact_type, object_id=target, object_repr=text, action_flag=flag,
                            change_message=what, action_time=ago(days=1))
LogEntry.objects.create(user=ann, content_type=None, object_id="1", object_repr="nothing", action_flag=2, change_message="", action_time=ago(days=1))

if NAME == "new":
    common = dict(description="d", due_date="end of Q3", digitalpath_responsible="Eva", client_responsible="Max", client_company="Client",
                  budget="AUD 240k", implementation_time="6 months", last_update="today", full_scope="all", created_at=ago(days=30), updated_at=ago(days=1))
    one = Project.objects.create(name="One", status="active", progress=40, tasks_total=10, tasks_completed=4, **common)
    two = Project.objects.create(name="Two", status="on_hold", progress=150, team_size=-1, **common)
    three = Project.objects.create(name="Three", status="archived", progress=-3, **common)
    DataSource.objects.create(project=one, name="CRM", type="SQL", description="c", order=2)
    DataSource.objects.create(project=one, name="ERP", type="CSV", description="e", order=1)
    Report.objects.create(project=one, name="Weekly", frequency="Weekly", description="w")
    Analytic.objects.create(project=two, name="Forecast", type="ML", description="f")
    AIIntegration.objects.create(project=one, enabled=True, features=["chat", 2], models=["gpt"])
    AIIntegration.objects.create(project=two, features={"odd": True}, models=[])

FAR = int(dt.datetime(2090, 1, 1, tzinfo=UTC).timestamp())


def token(kind, owner, jti, user_id=None):
    text = jwt.encode({"token_type": kind, "exp": FAR, "iat": int(NOW.timestamp()), "jti": jti,
                       "user_id": user_id or owner.pk}, SECRET_KEY, algorithm="HS256")
    return text if isinstance(text, str) else text.decode()


out = {
    "secret_key": SECRET_KEY, "at": int(NOW.timestamp()),
    "access": token("access", ann, "a" * 32), "refresh": token("refresh", ann, "b" * 32, str(ann.pk)),
    "blacklisted": token("refresh", ann, "c" * 32), "deleted_user": token("access", None, "d" * 32, deleted_id),
}
if NAME == "new":
    spent = OutstandingToken.objects.create(user=ann, jti="c" * 32, token=out["blacklisted"], created_at=NOW, expires_at=dt.datetime(2090, 1, 1, tzinfo=UTC))
    old = OutstandingToken.objects.create(user=ann, jti="e" * 32, token="expired", created_at=ago(days=30), expires_at=ago(days=29))
    OutstandingToken.objects.create(user=ann, jti="b" * 32, token=out["refresh"], created_at=NOW, expires_at=dt.datetime(2090, 1, 1, tzinfo=UTC))
    BlacklistedToken.objects.create(token=spent, blacklisted_at=NOW)
    BlacklistedToken.objects.create(token=old, blacklisted_at=ago(days=29))

# The links that Django mailed: signed at NOW.
import time
real, time.time = time.time, NOW.timestamp
out["verification"] = {"user": bob.pk, "address": bob_address.pk, "key": signing.dumps(bob_address.pk, salt="account")}
time.time = real
out["resets"] = []
for owner in [ann, dora, twin2]:
    owner.refresh_from_db()
    seconds = int((NOW.replace(tzinfo=None) - dt.datetime(2001, 1, 1)).total_seconds())
    args = (owner, seconds) + ((SECRET_KEY,) if django.VERSION >= (4, 1) else ())
    out["resets"].append({
        "user": owner.pk, "email": owner.email, "password": owner.password,
        "last_login": owner.last_login and owner.last_login.isoformat(), "uid": urlsafe_base64_encode(force_bytes(owner.pk)),
        "token": default_token_generator._make_token_with_timestamp(*args),
    })
with open(f"{NAME}.json", "w") as f:
    json.dump(out, f, indent=1)
    f.write("\n")

# Others' lines of a dump that no test needs, or that another client cannot read.
if ENGINE == "sqlite":
    connection.connection.commit()
    lines = [line for line in connection.connection.iterdump()]
    # What SQLite holds and PostgreSQL would refuse.
    lines += [
        "UPDATE contact_contactmessage SET message = 'nul' || char(0) || 'byte' WHERE id = 1;",
        f"UPDATE contact_contactmessage SET name = '{'long ' * 50}' WHERE id = 3;",
        "UPDATE contact_contactmessage SET created_at = '2026-11-20 10:00:00' WHERE id = 2;",
        "INSERT INTO auth_user_groups (user_id, group_id) VALUES (4711, 1);",
    ]
else:
    dump = subprocess.run(["pg_dump", "--inserts", "--rows-per-insert=200", "--no-owner", "--no-privileges", "--no-comments", WHERE],
                          check=True, capture_output=True, text=True).stdout
    lines = [line for line in dump.splitlines() if line.strip() and not line.startswith(("--", "\\", "SET ", "SELECT pg_catalog.set_config"))]
with open(f"{NAME}.{ENGINE}.sql", "w") as f:
    f.write("\n".join(lines) + "\n")
