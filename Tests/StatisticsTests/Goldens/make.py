#!/usr/bin/env python3
"""Writes retrieval.json beside itself: seeded random rankings with graded judgements, and their scores by trec_eval.

    pip install pytrec-eval-terrier==0.5.11   # trec_eval 9's own C code
    python3 make.py

A question's documents come in no order, with scores of which many tie: trec_eval ranks by falling score and, among equal
scores, by falling id. Grades run from -1 to 3; some questions have no relevant document, some rankings miss all of them.
MRR is the reciprocal rank of the run's first ten documents.
"""

import json
import pathlib
import random

import pytrec_eval

CUTS = [1, 3, 5, 10, 20]
random.seed(20)
qrels, run = {}, {}
for number in range(48):
    pool = [f"d{i}" for i in range(random.choice([3, 12, 40]))]
    question = f"q{number}"
    grades = [-1, 0, 0, 0, 1, 1, 2, 3] if number % 8 else [-1, 0]
    judged = random.sample(pool, random.randint(1, len(pool)))
    qrels[question] = {document: random.choice(grades) for document in judged}
    found = random.sample(pool, random.randint(1, len(pool)))
    steps = random.choice([2, 8, 1000])
    run[question] = {document: random.randint(0, steps) / steps for document in found}

names = ["map"] + [f"{measure}.{','.join(map(str, CUTS))}" for measure in ["recall", "P", "ndcg_cut", "success"]]
scores = pytrec_eval.RelevanceEvaluator(qrels, set(names)).evaluate(run)
top = {
    question: dict(sorted(found.items(), key=lambda item: (item[1], item[0]), reverse=True)[:10])
    for question, found in run.items()
}
reciprocal = pytrec_eval.RelevanceEvaluator(qrels, {"recip_rank"}).evaluate(top)

out = [
    {
        "question": question,
        "judgements": qrels[question],
        "found": run[question],
        "scores": scores[question] | {"mrr_10": reciprocal[question]["recip_rank"]},
    }
    for question in qrels
]
lines = ",\n".join(json.dumps(entry, sort_keys=True) for entry in out)
pathlib.Path(__file__).with_name("retrieval.json").write_text(f"[\n{lines}\n]\n")
