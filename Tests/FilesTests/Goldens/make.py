"""Archives for ZipArchiveTests, by Python's zipfile: run in this folder."""
import io
import struct
import zipfile
import zlib

TEXT = b"".join(b"%d bottles of beer on the wall\n" % n for n in range(2000))


class Unseekable(io.RawIOBase):
    """A stream, so that sizes stand in data descriptors behind the members."""

    def __init__(self, path):
        self.file = open(path, "wb")

    def writable(self):
        return True

    def write(self, data):
        return self.file.write(data)


def info(name, method):
    member = zipfile.ZipInfo(name, (2024, 1, 1, 0, 0, 0))
    member.compress_type = method
    return member


with zipfile.ZipFile("usual.zip", "w") as archive:
    archive.comment = b"a comment PK\x05\x06 within"
    archive.writestr(info("folder/", zipfile.ZIP_STORED), b"")
    archive.writestr(info("folder/beer.txt", zipfile.ZIP_DEFLATED), TEXT)
    archive.writestr(info("folder/stored.bin", zipfile.ZIP_STORED), bytes(range(256)))
    archive.writestr(info("empty", zipfile.ZIP_DEFLATED), b"")
    archive.writestr(info("grüße/日本.txt", zipfile.ZIP_DEFLATED), "日本".encode())

with zipfile.ZipFile(Unseekable("streamed.zip"), "w") as archive:
    archive.writestr(info("beer.txt", zipfile.ZIP_DEFLATED), TEXT)

# zipfile writes zip64 records only beyond 4 GiB; these are made by hand after APPNOTE.TXT, 4.3.14 and 4.5.3.
packed = zlib.compressobj(wbits=-15)
packed = packed.compress(TEXT) + packed.flush()
local = struct.pack("<IHHHHHIIIHH", 0x04034B50, 45, 0, 8, 0, 33, zlib.crc32(TEXT), 2**32 - 1, 2**32 - 1, 8, 20)
local += b"beer.txt" + struct.pack("<HHQQ", 1, 16, len(TEXT), len(packed)) + packed
extra = struct.pack("<HHB", 0x7777, 1, 0) + struct.pack("<HHQQQ", 1, 24, len(TEXT), len(packed), 0)
entry = struct.pack(
    "<IHHHHHHIIIHHHHHII", 0x02014B50, 45, 45, 0, 8, 0, 33, zlib.crc32(TEXT), 2**32 - 1, 2**32 - 1, 8, len(extra), 0, 0, 0, 0,
    2**32 - 1)
entry += b"beer.txt" + extra
record = struct.pack("<IQHHIIQQQQ", 0x06064B50, 44, 45, 45, 0, 0, 1, 1, len(entry), len(local))
locator = struct.pack("<IIQI", 0x07064B50, 0, len(local) + len(entry), 1)
end = struct.pack("<IHHHHIIH", 0x06054B50, 0, 0, 0xFFFF, 0xFFFF, 2**32 - 1, 2**32 - 1, 0)
with open("zip64.zip", "wb") as file:
    file.write(local + entry + record + locator + end)
assert zipfile.ZipFile("zip64.zip").read("beer.txt") == TEXT

with zipfile.ZipFile("bzip2.zip", "w") as archive:
    archive.writestr(info("beer.txt", zipfile.ZIP_BZIP2), TEXT)

for name, path in [("climbing", "a/../../evil"), ("absolute", "/etc/evil"), ("backslash", "..\\evil")]:
    with zipfile.ZipFile(f"{name}.zip", "w") as archive:
        archive.writestr(info(path, zipfile.ZIP_STORED), b"x")

with zipfile.ZipFile("twice.zip", "w") as archive:
    archive.writestr(info("same", zipfile.ZIP_STORED), b"first")
    archive.writestr(info("same", zipfile.ZIP_STORED), b"second")
