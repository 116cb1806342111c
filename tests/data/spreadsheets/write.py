"""Writes the files of this folder, byte for byte as the programs named in README.md write them."""

from pathlib import Path

HERE = Path(__file__).parent
GERMAN = [
    ["Username", "E-Mail", "First name", "Last name", "Organisation", "Valid until", "Cost centre", "", ""],
    ["jmueller", "j.mueller@example.org", "Jürgen", "Müller", "Acme > Köln", "31.12.2026", "4711", "", ""],
    ["rgross", "r.gross@example.org", "Renée", "Groß", "Acme > Köln", "05.01.2027", "4712", "", ""],
    ["", "", "", "", "", "", "", "", ""],
]
PLAIN = [
    ["username", "email", "first_name", "last_name", "account_expires_on"],
    ["zoe", "zoe@example.org", "Zoë", "O'Neill, Jr", "2026-12-31"],
    ["łukasz", "lukasz@example.org", "Łukasz", 'Nowak "Lu"', ""],
]


def cell(text, delimiter):
    quoted = any(mark in text for mark in (delimiter, '"', "\r", "\n"))
    return '"' + text.replace('"', '""') + '"' if quoted else text


def table(rows, delimiter, line_end, last=True):
    lines = [delimiter.join(cell(text, delimiter) for text in row) for row in rows]
    return line_end.join(lines) + (line_end if last else "")


def write(name, text, encoding):
    (HERE / name).write_bytes(text.encode(encoding))


write("excel-german.csv", table(GERMAN, ";", "\r\n"), "cp1252")
write("excel-utf8.csv", table(PLAIN, ",", "\r\n"), "utf-8-sig")
write("excel-unicode-text.txt", table(PLAIN, "\t", "\r\n"), "utf-16")
write("excel-macintosh.csv", table(GERMAN, ";", "\r"), "mac_roman")
write("excel-sep.csv", "sep=;\r\n" + table(GERMAN, ";", "\r\n"), "cp1252")
write("google-sheets.csv", table(PLAIN, ",", "\r\n", last=False), "utf-8")
write("libreoffice.csv", table(PLAIN, ",", "\n"), "utf-8")
write("numbers.csv", table(PLAIN, ";", "\r\n", last=False), "utf-8")
