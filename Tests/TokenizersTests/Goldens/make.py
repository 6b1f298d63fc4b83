"""Goldens of WordPiece and byte-level BPE from Hugging Face `tokenizers` (0.21.1; qwen2 from 0.23.3).

    python3 make.py [STRINGS] > goldens.json        a sample of 400 strings is committed; 12000 for a long check

Small models are trained on the strings themselves, so that the goldens need no weights. Strings are drawn with a seed from
many scripts, controls, marks, digits, contractions, white space and special tokens.
"""

import json
import random
import sys

from tokenizers import AddedToken, Regex, Tokenizer, models, normalizers, pre_tokenizers, processors, trainers

RANGES = [(0x20, 0x7E)] * 4 + [(0x30, 0x39)] * 2 + [
    (0xA0, 0x17F), (0x370, 0x3FF), (0x400, 0x4FF), (0x590, 0x5FF), (0x600, 0x6FF), (0x900, 0x97F), (0xE00, 0xE7F),
    (0x1100, 0x11FF), (0x1E00, 0x1EFF), (0x2000, 0x206F), (0x2150, 0x21FF), (0x3040, 0x30FF), (0x4E00, 0x9FFF),
    (0xAC00, 0xD7A3), (0xFF00, 0xFFEF), (0x1F300, 0x1F64F), (0x300, 0x36F), (0x1, 0x20), (0x11700, 0x1173F)]
WORDS = (
    "the The tokenizer embedding embeddings vector na\u00efve Caf\u00e9 [CLS] [SEP] [sep] [MASK][UNK] U.S.A. don't we'LL "
    "I'\u017f you'Re they've 12345 3.14 \u00bd \u2167 \ufb01ne \u0130stanbul \u01c5 Stra\u00dfe \u039f\u03a3\u039f\u03a3 "
    "x=1; ??!! --- // <|im_start|> <|im_end|> <|im_start").split(" ") + [
    "\r\n", "\n\n", "\t", "\u3000", "  ", "   ", "\n ", "\r\n\r\n", " " * 9, "a" * 50, "x" * 100, "x" * 101]
LLAMA3 = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+")


def strings(count):
    rng = random.Random(3)
    for _ in range(count):
        text = ""
        for _ in range(rng.randint(0, 8)):
            if rng.random() < 0.5:
                text += rng.choice(WORDS)
            else:
                first, last = rng.choice(RANGES)
                text += "".join(chr(rng.randint(first, last)) for _ in range(rng.randint(1, 6)))
            if rng.random() < 0.5:
                text += rng.choice([" ", "\n", "\t", "  ", "\u3000", ""])
        yield text


def word_piece(texts, lowercase):
    special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
    tokenizer = Tokenizer(models.WordPiece(unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer(lowercase=lowercase)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    # Rare characters stay out of the vocabulary, so that unknown words occur.
    tokenizer.train_from_iterator(
        texts, trainers.WordPieceTrainer(vocab_size=1200, special_tokens=special, limit_alphabet=600, show_progress=False))
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", special_tokens=[(name, tokenizer.token_to_id(name)) for name in ("[CLS]", "[SEP]")])
    return tokenizer


def byte_level(texts, rule):
    splits = {
        "gpt2": [pre_tokenizers.ByteLevel(add_prefix_space=False)],
        "smollm": [pre_tokenizers.Digits(individual_digits=True), pre_tokenizers.ByteLevel(add_prefix_space=False)],
        "llama3": [
            pre_tokenizers.Split(Regex(LLAMA3), behavior="isolated"),
            pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)],
        "qwen2": [
            pre_tokenizers.Split(Regex(LLAMA3.replace("{1,3}", "")), behavior="isolated"),
            pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)]}
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(splits[rule])
    tokenizer.train_from_iterator(
        texts, trainers.BpeTrainer(
            vocab_size=900, initial_alphabet=pre_tokenizers.ByteLevel.alphabet(), show_progress=False,
            special_tokens=[AddedToken(name, special=True) for name in ("<|im_start|>", "<|im_end|>")]))
    return tokenizer


def golden(tokenizer, texts):
    model = json.loads(tokenizer.to_str())["model"]
    pieces = sorted(model["vocab"], key=model["vocab"].get)
    encoded = [tokenizer.encode(text) for text in texts]
    return {"pieces": pieces, "merges": [list(pair) for pair in model.get("merges", [])], "ids": [e.ids for e in encoded]}


def main():
    texts = list(strings(int(sys.argv[1]) if len(sys.argv) > 1 else 400))
    goldens = {"texts": texts}
    goldens["uncased"] = golden(word_piece(texts, True), texts)
    goldens["cased"] = golden(word_piece(texts, False), texts)
    for rule in ("gpt2", "smollm", "llama3", "qwen2"):
        goldens[rule] = golden(byte_level(texts, rule), texts)
    json.dump(goldens, sys.stdout, ensure_ascii=True, separators=(",", ":"))
    print()


main()
