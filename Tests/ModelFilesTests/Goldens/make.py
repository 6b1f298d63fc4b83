"""The wheel for ModelLibraryTests, by Python's zipfile: run in this folder."""
import zipfile

with zipfile.ZipFile("tiny-1.0-py3-none-any.whl", "w") as wheel:
    for name, text in [
        ("tiny/model/config.json", '{"vocab_size": 3}'),
        ("tiny/model/1_Pooling/config.json", '{"pooling_mode_cls_token": true}'),
        ("tiny/__init__.py", ""),
    ]:
        member = zipfile.ZipInfo(name, (2024, 1, 1, 0, 0, 0))
        member.compress_type = zipfile.ZIP_DEFLATED
        wheel.writestr(member, text)
