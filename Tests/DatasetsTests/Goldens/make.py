"""Makes the golden files beside it: python3 make.py, with numpy 2 and h5py 3 (made with numpy 2.x and h5py 3.16).

Every table holds x[row][column] = row * 10 + column / 4, except where its name says otherwise.
"""
import h5py
import numpy as np

x = (np.arange(5)[:, None] * 10 + np.arange(3)[None, :] / 4).astype(np.float64)

for name in ["f2", "f4", "f8"]:
    np.save(f"{name}.npy", x.astype(f"<{name}"))
for name in ["i1", "u1", "i4", "i8"]:
    np.save(f"{name}.npy", np.floor(x).astype(name))
np.save("fortran.npy", np.asfortranarray(x.astype("<f4")))
np.save("big-endian.npy", x.astype(">f4"))
np.save("one-axis.npy", x[0].astype("<f4"))
with open("version2.npy", "wb") as file:
    np.lib.format.write_array(file, x.astype("<f4"), version=(2, 0))

with h5py.File("tiny-3-angular.hdf5", "w") as file:
    file.attrs["distance"] = "angular"
    file.attrs["dimension"] = 3
    file.attrs["point_type"] = "float"
    file["train"] = (x + 1).astype("<f4")
    file["test"] = (x[:2] + 1).astype("<f4")
    file["neighbors"] = np.zeros((2, 2), np.int32)
    file["distances"] = np.zeros((2, 2), np.float32)
# No attributes, deflated float64 in chunks, no queries.
with h5py.File("bare-3-euclidean.hdf5", "w") as file:
    file.create_dataset("train", data=x, chunks=(2, 3), compression="gzip")
with h5py.File("odd.hdf5", "w") as file:
    file.attrs["distance"] = np.bytes_("jaccard")
    file["train"] = x.astype("<f4")
    # A thousand million rows, none of which was ever written.
    file.create_dataset("absurd", shape=(10**9, 128), dtype="<f4", chunks=(1024, 128))
    file["flat"] = x[0]
    file["words"] = np.array([[b"a", b"b"]])
    file["nan"] = np.array([[0, 1], [np.nan, 2]], np.float32)
    file["whole"] = np.array([[0, 1], [2, 2**24 + 1]], np.int64)
