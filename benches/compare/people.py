"""Writes ROWS made-up people as CSV: people.py headroom|kolibri ROWS

For Headroom and django-import-export the four columns that both know; for Kolibri the headings that its command asks
for, with a password, without which it refuses to add anybody.
"""

import csv
import sys

FIRST = ["Ada", "Björn", "Chidi", "Dalia", "Emeka", "Fatima", "Grace", "Hiro", "Inés", "Jürgen", "Kateryna"]
LAST = ["Abebe", "Brandt", "Costa", "Dvořák", "Eriksen", "Fofana", "García", "Haddad", "Ito", "Jansen",
        "Kovač", "Lee", "Moreau"]
KOLIBRI = ["UUID", "USERNAME", "PASSWORD", "FULL_NAME", "USER_TYPE", "IDENTIFIER", "BIRTH_YEAR", "GENDER",
           "ENROLLED_IN", "ASSIGNED_TO"]


def main():
    program, rows = sys.argv[1], int(sys.argv[2])
    sys.stdout.reconfigure(encoding="utf-8", newline="")
    out = csv.writer(sys.stdout)
    out.writerow(KOLIBRI if program == "kolibri" else ["username", "email", "first_name", "last_name"])
    for number in range(1, rows + 1):
        username = f"person{number:07}"
        first, last = FIRST[number % len(FIRST)], LAST[number % len(LAST)]
        if program == "kolibri":
            out.writerow(["", username, f"password {number}", f"{first} {last}", "LEARNER", "", "", "", "", ""])
        else:
            out.writerow([username, f"{username}@people.example", first, last])


main()
