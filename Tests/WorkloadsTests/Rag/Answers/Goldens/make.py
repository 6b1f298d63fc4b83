#!/usr/bin/env python3
"""Writes answers.json beside itself: seeded pairs of answers and references, and their scores by other implementations.

    pip install rouge-score==0.1.2
    python3 make.py

`rouge_l` is Google's own code, unstemmed. `exact_match` and `f1` follow the definition of SQuAD's evaluate-v1.1 (lower case,
strip ASCII punctuation, strip articles at word boundaries, collapse white space; bags of words; the best of the references).
`context_overlap` is this project's: the share of the answer's words, function words left out, that occur in the context;
null for an answer that has none.
"""

import collections
import json
import pathlib
import random
import re
import string
import unicodedata

from rouge_score import rouge_scorer

FUNCTION_WORDS = set("""
a an the this that these those such both each every either neither any some all no not nor none other another same own
i me my mine we us our ours you your yours he him his she her hers it its they them their theirs who whom whose which
what where when why how there here
of in on at by for with from to into onto over under up down out off about above below between among through during
before after since until within without against as than like per via
and or but if so because while although though whether then also too only just very more most less least much many
be am is are was were been being do does did doing done have has had having will would shall should can could may might
must ought cannot
s t re ve ll d m don doesn didn isn aren wasn weren won wouldn shouldn couldn can hasn haven hadn
""".split())


def squad_words(text):
    text = text.lower().translate({ord(mark): None for mark in string.punctuation})
    return re.compile(r"\b(?:the|an|a)\b").sub(" ", text).split()


def f1(answer, reference):
    answer, reference = squad_words(answer), squad_words(reference)
    shared = sum((collections.Counter(answer) & collections.Counter(reference)).values())
    return 2 * shared / (len(answer) + len(reference)) if shared else 0.0


def content_words(text):
    kept = "".join(one if one.isalnum() or unicodedata.category(one)[0] == "M" else " " for one in text.lower())
    return [word for word in kept.split() if word not in FUNCTION_WORDS]


def context_overlap(answer, context):
    known = set(word for passage in context for word in content_words(passage))
    words = content_words(answer)
    return sum(word in known for word in words) / len(words) if words else None


scorer = rouge_scorer.RougeScorer(["rougeL"], use_stemmer=False)


def case(answer, references, context):
    return {
        "answer": answer, "references": references, "context": context,
        "exact_match": max(float(squad_words(answer) == squad_words(one)) for one in references),
        "f1": max(f1(answer, one) for one in references),
        "rouge_l": scorer.score_multi(references, answer)["rougeL"].fmeasure,
        "context_overlap": context_overlap(answer, context),
    }


cases = [
    case("The Norman conquest", ["Norman conquest!"], ["It was the conquest by the Normans."]),
    case("", ["the"], ["an empty answer matches an article"]),
    case("", ["word"], []),
    case("a the an", ["..."], ["nothing"]),
    case("efConstruction=200, M = 16", ["M=16 and efConstruction = 200"], ["M and efConstruction, e.g. M=16"]),
    case("It's the index's recall; it isn't QPS.", ["its indexs recall isnt QPS"], ["The index's recall isn't QPS"]),
    case("The “ef” of the’s _the_ the_end", ["ef of s the theend"], ["“ef”_of the end"]),
    case("Über Straße ΟΔΟΣ, ΣΑΣ Σ 3.5 Ⅷ ½ ²", ["über straße οδος σας σ 35 ⅷ ½ ²"], ["ÜBER ΟΔΟΣ ⅷ"]),
    case("İstanbul K", ["i̇stanbul k", "istanbul"], ["İSTANBUL"]),
    case("索引 的 召回率", ["索引 的 召回率", "recall"], ["索引 召回率"]),
    case("one\u00a0two\u2003three\u001cfour\u0085five\u200bsix", ["one two three four five six"], ["one two"]),
    case("a-b c/d e.g. 1,000", ["ab cd eg 1000", "a b c d e g 1 000"], ["a b c d 1,000"]),
    case("सूचकांक की याद", ["सूचकांक"], ["सूचकांक"]),
    case("naïve café", ["naïve café"], ["naive café"]),
    case("the cat the cat sat", ["cat sat", "the cat"], ["a cat"]),
    case("a\u0301 the\u0301n an\u20dd", ["\u0301 \u0301n"], ["x"]),
]

random.seed(6)
vocabulary = (
    "the a an of in to and is are index recall nlist nprobe ef graph layer cluster vector query distance memory build "
    "search neighbour exact approximate HNSW IVF M=16 ef=64 k-means top-k can't it's 0.95 \"quoted\" (aside) end."
).split()


def sentence(length):
    return " ".join(random.choice([word, word, word.capitalize(), word + ","])
                    for word in random.choices(vocabulary, k=length))


def varied(text):
    words = text.split()
    for _ in range(random.randint(0, 6)):
        if not words:
            break
        place = random.randrange(len(words))
        change = random.randrange(3)
        if change == 0:
            del words[place]
        elif change == 1:
            words.insert(place, random.choice(vocabulary))
        else:
            words[place], words[-1] = words[-1], words[place]
    return " ".join(words)


for _ in range(60):
    references = [sentence(random.randint(1, 40)) for _ in range(random.randint(1, 3))]
    answer = varied(random.choice(references)) if random.random() < 0.7 else sentence(random.randint(0, 60))
    cases.append(case(answer, references, [sentence(random.randint(0, 15)) for _ in range(random.randint(0, 3))]))

lines = ",\n".join(json.dumps(one) for one in cases)
pathlib.Path(__file__).with_name("answers.json").write_text(f"[\n{lines}\n]\n")
