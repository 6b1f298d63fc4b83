"""Expected vectors of HashingEmbedderTests: features after the words of the type's documentation, in plain Python."""
import json
import math
import re

M = 2**64 - 1


def fnv(data, h=0xCBF29CE484222325):
    for b in data: h = ((h ^ b) * 0x100000001B3) & M
    return h
def mix(h):
    h = ((h ^ (h >> 33)) * 0xFF51AFD7ED558CCD) & M
    h = ((h ^ (h >> 33)) * 0xC4CEB9FE1A85EC53) & M
    return h ^ (h >> 33)
def embed(text, d):
    words = [fnv(w.encode()) for w in re.findall(r"[\u3041-\u30ff\u3400-\u9fff]|[^\W_\u3041-\u30ff\u3400-\u9fff]+", text.lower())]
    feats = [mix(w) for w in words]
    feats += [mix(fnv(b.to_bytes(8, "little"), fnv(b" ", a))) for a, b in zip(words, words[1:])]
    v = [0.0] * d
    for f in sorted(set(feats)):
        w = 1 + math.log(feats.count(f))
        v[(f >> 1) % d] += w if f & 1 == 0 else -w
    n = math.sqrt(sum(x * x for x in v))
    return [x / n if n else 0.0 for x in v]
texts = ["The cat sat on the mat; the CAT purred.", "Über Größe: 42 Äpfel", "日本語のテスト ok", "", "...", "Straße straße STRASSE"]
json.dump({"dimension": 16, "cases": [{"text": t, "embedding": embed(t, 16)} for t in texts]}, open("hashing.json", "w"), ensure_ascii=False, indent=1)
